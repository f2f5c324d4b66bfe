//! Groups do not depend on how their tables are laid out (SPEC §13.7), and a night on the same day adds nothing (§13.6).

mod support;

use std::path::Path;

use onroll::policy::Policy;
use support::World;

const LEARNERS: usize = 12;

fn policy() -> Policy {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policies/hwb");
    let files = std::fs::read_dir(folder).expect("the policy").flatten();
    let files = files.map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(entry.path()).expect("a file");
        (
            name,
            text.replace("enabled = false", "enabled = true")
                .into_bytes(),
        )
    });
    Policy::from_files(files.collect()).expect("it proves")
}

/// A school with learners, one teacher and three classes.
fn world() -> World {
    let mut world = World::under(policy());
    world.put("authorities", "authority,name\n660,Awen\n");
    world.put(
        "establishments",
        "establishment,name,authority,maintained\n6604001,Un,660,Y\n6604002,Dau,660,Y\n",
    );
    let mut learners =
        "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date\n"
            .to_owned();
    for n in 0..LEARNERS {
        let school = 6_604_001 + n % 2;
        learners += &format!("{school},@l{n},{n},Bevan,Ann,2023-09-01\n");
    }
    world.put("learners", &learners);
    world.put(
        "staff",
        "establishment,staff_code,legal_surname,legal_forename,start_date\n6604001,@t,Watcyn,Tegwen,2018-09-01\n",
    );
    world
}

fn classes() -> Vec<String> {
    ["6604001,8A,Maths", "6604001,8B,Art", "6604002,8A,Music"]
        .map(|class| format!("{class},2025/2026"))
        .to_vec()
}

fn members() -> Vec<String> {
    let mut rows = vec!["6604001,8B,staff,@t,".to_owned()];
    for n in 0..LEARNERS {
        let school = 6_604_001 + n % 2;
        rows.push(format!("{school},8A,learner,@l{n},"));
    }
    rows
}

const CLASSES: &str = "establishment,class_id,title,academic_year";
const MEMBERS: &str = "establishment,class_id,member_kind,member_id,role";

fn table(header: &str, rows: &[String]) -> String {
    format!("{header}\n{}\n", rows.join("\n"))
}

/// The parts of a table, one file for each school.
fn parts(header: &str, rows: &[String]) -> Vec<(String, String)> {
    let of = |code: &str| {
        let own: Vec<String> = rows
            .iter()
            .filter(|r| r.starts_with(code))
            .cloned()
            .collect();
        (format!("{code}.csv"), table(header, &own))
    };
    vec![of("6604002"), of("6604001")]
}

#[test]
fn order_files_and_threads_change_no_byte() {
    let told = |lay: &dyn Fn(&mut World), threads: usize| {
        let mut world = world();
        lay(&mut world);
        world.export_all("2025-09-10");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let decided = pool.expect("threads").install(|| world.run("2025-09-10"));
        let digests = world.snapshot().meta.digests;
        (decided.groups_csv.clone(), digests)
    };
    let plain = |world: &mut World| {
        world.put("classes", &table(CLASSES, &classes()));
        world.put("class_members", &table(MEMBERS, &members()));
    };
    let turned = |world: &mut World| {
        let (mut classes, mut members) = (classes(), members());
        classes.reverse();
        members.rotate_left(5);
        world.put("classes", &table(CLASSES, &classes));
        world.put("class_members", &table(MEMBERS, &members));
    };
    let split = |world: &mut World| {
        world.put_split("classes", &parts(CLASSES, &classes()));
        world.put_split("class_members", &parts(MEMBERS, &members()));
    };
    let first = told(&plain, 1);
    assert!(first.0.as_ref().is_some_and(|csv| csv.len() > 500));
    assert_eq!(first, told(&turned, 2));
    assert_eq!(first, told(&split, 2));
}

#[test]
fn without_groups_in_the_policy_the_tables_are_there_and_empty() {
    let mut world = World::new("hwb");
    world.put("authorities", "authority,name\n660,Awen\n");
    world.put(
        "establishments",
        "establishment,name,authority,maintained\n6604001,Un,660,Y\n",
    );
    world.put(
        "learners",
        "establishment,learner_id,admission_number,legal_surname,legal_forename,admission_date\n6604001,@a,1,Bevan,Ann,2023-09-01\n",
    );
    world.export_all("2025-09-10");
    let decided = world.run("2025-09-10");
    assert!(decided.groups_csv.is_none() && decided.plan.groups.is_none());
    let meta = world.snapshot().meta;
    for name in ["groups", "group_members"] {
        assert_eq!(meta.rows.get(name), Some(&0));
        let file = world.snapshot_folder().join(format!("{name}.csv"));
        assert_eq!(
            std::fs::read_to_string(file).expect(name).lines().count(),
            1
        );
    }
}

/// Snapshots written before there were groups lack their two tables, and say so in `snapshot.json`.
#[test]
fn a_snapshot_without_tables_of_groups_is_read_as_one_without_groups() {
    let mut world = world();
    world.export_all("2025-09-01");
    world.run("2025-09-01");
    let folder = world.snapshot_folder();
    let json = std::fs::read(folder.join("snapshot.json")).expect("snapshot.json");
    let mut meta: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    for table in ["groups", "group_members"] {
        for part in ["rows", "digests"] {
            let part = meta[part].as_object_mut().expect("an object");
            assert!(
                part.remove(table).is_some(),
                "{table} stood in snapshot.json"
            );
        }
    }
    let json = serde_json::to_vec_pretty(&meta).expect("JSON");
    let name = &onroll::directory::sha256(&json)[..32];
    let older = world.folder.path().join("older").join(name);
    std::fs::create_dir_all(&older).expect("a folder");
    for entry in std::fs::read_dir(folder).expect("the snapshot").flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if !file.starts_with("group") {
            std::fs::copy(entry.path(), older.join(&file)).expect("copied");
        }
    }
    std::fs::write(older.join("snapshot.json"), json).expect("written");
    let key = &world.keys.current;
    let keys = [(key.id().to_string(), key.fingerprint())];
    let read = onroll::directory::Snapshot::read(&older, &keys).expect("it is read");
    assert!(read.groups.is_empty() && !read.accounts.is_empty());
}

/// A member of a class whose row is missing tonight is not re-keyed, and stays in the group all the same.
#[test]
fn a_new_key_takes_nobody_out_of_a_group() {
    let mut world = world();
    world.put("classes", &table(CLASSES, &classes()));
    world.put("class_members", &table(MEMBERS, &members()));
    world.export_all("2025-09-10");
    world.run("2025-09-10");
    world.change_key();
    let learners = std::fs::read_to_string(world.path_of("learners")).expect("learners");
    let without: Vec<&str> = learners.lines().take(LEARNERS).collect();
    std::fs::write(world.path_of("learners"), without.join("\n") + "\n").expect("written");
    world.export_all("2025-09-11");
    let decided = world.run("2025-09-11");
    let groups = decided.plan.groups.as_ref().expect("groups");
    assert!(groups.changes.is_empty(), "{:?}", groups.changes);
    // Only those whom the roll lists are re-keyed.
    assert!(decided.under_previous_key > 0);
}
