//! One invented school with two learners and a teacher, small enough to read.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Identifiers of people who do not exist; nothing written or printed may hold them.
pub const IDENTIFIERS: [&str; 3] = ["Q660200019001", "E661210020042", "ZZ77"];

/// A workspace and what is around it.
pub struct World {
    home: tempfile::TempDir,
}

/// What a command did.
pub struct Done {
    /// Its exit code; `None` when it was killed.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Done {
    /// Fails with what was printed unless the exit code is this one.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Done {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }
}

impl World {
    /// A workspace made by `init`, with the export of 1 September.
    pub fn new() -> World {
        let world = World::bare();
        world
            .onroll(&["init", "school", "--policy", "hwb"])
            .ends_with(0);
        world.export("2026-09-01", "", "");
        world
    }

    /// An empty place.
    pub fn bare() -> World {
        World {
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// A path beside the workspace.
    pub fn at(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    /// Runs onroll in the folder that holds the workspace `school`.
    pub fn onroll(&self, arguments: &[&str]) -> Done {
        self.onroll_with(arguments, &[])
    }

    /// The same with environment variables.
    pub fn onroll_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onroll"));
        command
            .current_dir(self.home.path())
            .args(arguments)
            .env_remove("ONROLL_KEY_FILE")
            .env_remove("ONROLL_TEST_STOP_AT");
        let output = command.envs(environment.iter().copied()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let done = Done {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        for identifier in IDENTIFIERS {
            assert!(
                !done.out.contains(identifier) && !done.err.contains(identifier),
                "an identifier was printed"
            );
        }
        done
    }

    /// `onroll -C school COMMAND --as-of 2026-09-01`.
    pub fn tonight(&self, command: &[&str]) -> Done {
        self.onroll(&[&["-C", "school"], command, &["--as-of", "2026-09-01"]].concat())
    }

    /// Writes `mis/`: exported on a day, with the leaving dates of the two learners.
    pub fn export(&self, day: &str, first_left: &str, second_left: &str) {
        self.write(
            "mis/authorities.csv",
            "authority,name,nation,data_sharing\n660,Invented,wales,Y\n",
        );
        let header = "establishment,name,authority,phase,maintained,data_sharing\n";
        self.write(
            "mis/establishments.csv",
            &format!("{header}6601001,Ysgol Un,660,primary,Y,Y\n"),
        );
        self.write(
            "mis/exports.csv",
            &format!(
                "establishment,exported_at,status,learners,staff\n6601001,{day},complete,2,1\n"
            ),
        );
        let header = "establishment,learner_id,admission_number,legal_surname,legal_forename,preferred_surname,preferred_forename,admission_date,leaving_date,enrolment_status,time_share,year_group,registration_class,login,data_sharing\n";
        let [first, second, teacher] = IDENTIFIERS;
        self.write(
            "mis/learners.csv",
            &format!("{header}6601001,{first},1,Prosser,Dylan,,,2024-09-01,{first_left},,,3,3A,,\n6601001,{second},2,Bevan,Cerys,,,2024-09-01,{second_left},,,4,4A,,\n"),
        );
        let header = "establishment,staff_code,staff_id,legal_surname,legal_forename,preferred_surname,preferred_forename,start_date,leaving_date,enrolment_status,time_share,staff_type,registration_number,login,data_sharing\n";
        self.write(
            "mis/staff.csv",
            &format!("{header}6601001,{teacher},,Morgan,Elin,,,2020-09-01,,,,teaching,1234567,,\n"),
        );
    }

    /// Writes a file of the workspace.
    pub fn write(&self, path: &str, text: &str) {
        std::fs::write(self.at("school").join(path), text).unwrap();
    }

    /// Reads a file of the workspace.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.at("school").join(path)).unwrap()
    }

    /// The name of the live snapshot.
    pub fn current(&self) -> String {
        self.read("directory/CURRENT").trim_end().to_owned()
    }

    /// The live accounts table.
    pub fn accounts(&self) -> String {
        self.read(&format!("directory/{}/accounts.csv", self.current()))
    }

    /// The runs in the archive, by name.
    pub fn runs(&self) -> Vec<String> {
        let mut names = names(&self.at("school/runs"));
        names.retain(|name| !["policies", "snapshots", "chain.csv"].contains(&name.as_str()));
        names
    }

    /// The state in `run.json` of a run.
    pub fn state(&self, run: &str) -> String {
        let record: serde_json::Value =
            serde_json::from_str(&self.read(&format!("runs/{run}/run.json"))).unwrap();
        record["state"].as_str().unwrap().to_owned()
    }
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            all.extend(files(&path))
        } else {
            all.push(path)
        }
    }
    all
}
