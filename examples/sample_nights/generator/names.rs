//! Names as they stand in Welsh and Scottish registers, from common to rare.

use super::rng::Rng;

/// Where names come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Nation {
    /// Wales.
    Wales,
    /// Scotland.
    Scotland,
}

const SURNAMES_WALES: &[&str] = &[
    "Jones",
    "Williams",
    "Davies",
    "Evans",
    "Thomas",
    "Roberts",
    "Lewis",
    "Hughes",
    "Morgan",
    "Griffiths",
    "Edwards",
    "Owen",
    "James",
    "Price",
    "Morris",
    "Rees",
    "Phillips",
    "Jenkins",
    "Harris",
    "Lloyd",
    "Powell",
    "Smith",
    "Richards",
    "Parry",
    "Ellis",
    "Pritchard",
    "Howells",
    "Watkins",
    "Bowen",
    "Davies-Jones",
    "Pugh",
    "Rowlands",
    "Humphreys",
    "Llewellyn",
    "Vaughan",
    "Beynon",
    "Taylor",
    "Brown",
    "Harries",
    "Bevan",
    "Gwynne",
    "Jenkins-Rees",
    "ap Rhys",
    "ab Owain",
    "Llwyd",
    "Gruffydd",
    "Prydderch",
    "Tudur",
    "Llŷr-Evans",
    "O'Neill",
    "O’Connor",
    "Ó Briain",
    "Murphy",
    "Walker",
    "Cooper",
    "Ward",
    "Hill",
    "Thomas-Hughes",
    "Fychan",
    "Wynne-Williams",
    "Penry",
    "Gwilym",
    "Hopkin",
    "Mostyn",
    "Cecil-Wright",
    "Sayce",
    "Bebb",
    "Breeze",
    "Ceiriog",
    "Tegid",
    "Whittaker",
    "Rhŷs",
    "ap Siôn",
    "Glyndŵr",
    "Featherstonehaugh-Llewelyn",
];
const GIRLS_WALES: &[&str] = &[
    "Erin",
    "Cadi",
    "Mali",
    "Ffion",
    "Seren",
    "Olivia",
    "Mia",
    "Ela",
    "Lowri",
    "Megan",
    "Carys",
    "Efa",
    "Nansi",
    "Catrin",
    "Gwen",
    "Alys",
    "Isla",
    "Martha",
    "Beca",
    "Elin",
    "Non",
    "Siân",
    "Amelia",
    "Freya",
    "Cadi-Haf",
    "Mabli",
    "Leusa",
    "Heledd",
    "Branwen",
    "Eira",
    "Grace",
    "Poppy",
    "Annest",
    "Lleucu",
    "Tegwen",
    "Rhiannon",
    "Elliw",
    "Mared",
    "Greta",
    "Sioned",
    "Anwen",
    "Ruby",
    "Chloe",
    "Nel",
    "Lili-Wen",
    "Morfudd",
    "Angharad",
    "Llinos",
    "Gwenllïan",
];
const BOYS_WALES: &[&str] = &[
    "Noah", "Oliver", "Osian", "Macsen", "Harri", "Jac", "Tomos", "Dylan", "Ioan", "Theo", "Elis",
    "Gruff", "Cai", "Owain", "Gethin", "Rhys", "Morgan", "Efan", "Llŷr", "Tŵm", "Aled", "Iestyn",
    "Siôn", "Mabon", "Alfie", "George", "Jacob", "Deio", "Emyr", "Guto", "Bedwyr", "Gwion",
    "Ieuan", "Caradog", "Trystan", "Idris", "Cian", "Steffan", "Huw", "Eurwyn", "Jâms", "Dafydd",
    "Iwan", "Hari", "Math", "Ifan", "Gwilym", "Cynan", "Lleu", "Siencyn",
];
const SURNAMES_SCOTLAND: &[&str] = &[
    "Smith",
    "Brown",
    "Wilson",
    "MacDonald",
    "Campbell",
    "Stewart",
    "Thomson",
    "Robertson",
    "Anderson",
    "MacLeod",
    "Scott",
    "Murray",
    "Taylor",
    "Clark",
    "Mitchell",
    "Ross",
    "Fraser",
    "Young",
    "Morrison",
    "Watson",
    "Paterson",
    "McDonald",
    "Henderson",
    "Graham",
    "MacKenzie",
    "Hamilton",
    "Ferguson",
    "Johnston",
    "Martin",
    "Simpson",
    "Kerr",
    "Hunter",
    "Duncan",
    "MacKay",
    "Gordon",
    "Davidson",
    "Bell",
    "Allan",
    "Cameron",
    "Grant",
    "MacLean",
    "Sinclair",
    "O'Neill",
    "O’Donnell",
    "Ó Briain",
    "Gallacher",
    "Docherty",
    "MacInnes",
    "MacAskill",
    "Nicolson",
    "MacLeòid",
    "NicDhòmhnaill",
    "MacDhòmhnaill",
    "NicLeòid",
    "MacAoidh",
    "Colquhoun",
    "Urquhart",
    "Dalziel",
    "Farquharson",
    "Leslie-Gordon",
    "Innes",
    "Menzies",
    "McGillivray",
    "Auchterlonie",
    "MacIain",
    "Rennie",
    "Strachan",
    "Tulloch",
    "Isbister",
    "Drummond-Hay",
    "Moffat",
    "Cruickshank",
    "Buchan",
    "Gilchrist",
    "Featherstonehaugh-MacKinnon",
];
const GIRLS_SCOTLAND: &[&str] = &[
    "Isla",
    "Olivia",
    "Freya",
    "Millie",
    "Ava",
    "Sophie",
    "Emily",
    "Eilidh",
    "Grace",
    "Charlotte",
    "Ellie",
    "Skye",
    "Orla",
    "Rosie",
    "Catrìona",
    "Mairi",
    "Niamh",
    "Ailsa",
    "Iona",
    "Mirren",
    "Kirsty",
    "Catherine",
    "Beth",
    "Mòrag",
    "Eubh",
    "Sìne",
    "Oighrig",
    "Fiona",
    "Rona",
    "Lexi",
    "Lucy",
    "Ruby",
    "Anna",
    "Esme",
    "Maisie",
    "Robyn",
    "Peigi",
    "Seonag",
    "Marsaili",
    "Elspeth",
    "Abbie",
    "Zara",
    "Heather",
    "Morven",
    "Caoimhe",
    "Lily-Rose",
    "Una",
    "Beathag",
];
const BOYS_SCOTLAND: &[&str] = &[
    "Jack",
    "Noah",
    "James",
    "Rory",
    "Lewis",
    "Finlay",
    "Harris",
    "Luca",
    "Alexander",
    "Logan",
    "Callum",
    "Archie",
    "Brodie",
    "Fraser",
    "Angus",
    "Murray",
    "Ruaridh",
    "Euan",
    "Calum",
    "Cameron",
    "Hamish",
    "Struan",
    "Iain",
    "Seumas",
    "Eòghann",
    "Dòmhnall",
    "Aonghas",
    "Alasdair",
    "Oscar",
    "Theo",
    "Leo",
    "Jude",
    "Blair",
    "Ross",
    "Gregor",
    "Magnus",
    "Coinneach",
    "Teàrlach",
    "Niall",
    "Innes",
    "Duncan",
    "Mackenzie",
    "Tormod",
    "Gillespie",
    "Fergus",
    "Ranald",
];
/// Families that came from further away: surnames and forenames that go together.
const FAMILIES: &[(&[&str], &[&str])] = &[
    (
        &[
            "Kowalski",
            "Nowak",
            "Wiśniewska",
            "Wójcik",
            "Łukaszewicz",
            "Zielińska",
        ],
        &[
            "Zuzanna",
            "Jakub",
            "Łucja",
            "Antoni",
            "Maja",
            "Michał",
            "Oliwia",
            "Stanisław",
        ],
    ),
    (
        &[
            "Khan", "Hussain", "Ahmed", "Malik", "Begum", "Iqbal", "Chaudhry",
        ],
        &[
            "Aisha", "Muhammad", "Zainab", "Hamza", "Maryam", "Ibrahim", "Hafsa", "Yusuf",
        ],
    ),
    (
        &["Okafor", "Adeyemi", "Nwosu", "Okonkwo", "Balogun", "Eze"],
        &[
            "Chidera", "Tobi", "Ifeoma", "Emeka", "Temitope", "Ngozi", "Ayo", "Chiamaka",
        ],
    ),
    (
        &[
            "Shevchenko",
            "Kovalenko",
            "Bondarenko",
            "Tkachenko",
            "Melnyk",
        ],
        &[
            "Sofiia",
            "Maksym",
            "Anastasiia",
            "Danylo",
            "Polina",
            "Artem",
            "Yeva",
        ],
    ),
    (
        &["Patel", "Nair", "Thomas", "Varghese", "Singh", "Kaur"],
        &["Anaya", "Arjun", "Diya", "Rohan", "Meera", "Kiran", "Joel"],
    ),
    (
        &["Nguyễn", "Silva", "Popescu", "Muñoz", "Yılmaz"],
        &["Linh", "Inês", "Andrei", "José María", "İpek", "Emre"],
    ),
];
const ONE_NAME: &[&str] = &["Karthika", "Suparman", "Thandar", "Nilar", "Wayan"];
/// Preferred forms by the forename they shorten.
const SHORT: &[(&str, &str)] = &[
    ("Catrin", "Cati"),
    ("Gethin", "Geth"),
    ("Megan", "Meg"),
    ("Rhiannon", "Rhi"),
    ("Steffan", "Steff"),
    ("Dafydd", "Dai"),
    ("Angharad", "Hari"),
    ("Oliver", "Oli"),
    ("Olivia", "Liv"),
    ("Alexander", "Sandy"),
    ("Catherine", "Katie"),
    ("Catrìona", "Ceit"),
    ("Finlay", "Fin"),
    ("Charlotte", "Lottie"),
    ("James", "Jamie"),
    ("Emily", "Em"),
    ("Muhammad", "Mo"),
    ("Zuzanna", "Zuzia"),
    ("Cameron", "Cam"),
    ("Thomas", "Tom"),
    ("Temitope", "Temi"),
    ("Jakub", "Kuba"),
    ("Alasdair", "Ali"),
];

/// A person's names as the register has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Legal surname.
    pub surname: String,
    /// Legal forename.
    pub forename: String,
    /// Known-as forename, often empty.
    pub preferred: String,
}

impl Name {
    /// A name from its two parts.
    pub fn new(surname: &str, forename: &str) -> Self {
        Name {
            surname: surname.into(),
            forename: forename.into(),
            preferred: String::new(),
        }
    }
}

/// A name for a learner or a member of staff.
pub fn draw(rng: &mut Rng, nation: Nation) -> Name {
    if rng.below(500) == 0 {
        let only = rng.pick(ONE_NAME);
        // Welsh offices repeat a mononym in both columns; Scottish ones leave the forename blank.
        let forename = if nation == Nation::Wales { only } else { "" };
        return Name::new(only, forename);
    }
    if rng.chance(7) {
        let (surnames, forenames) = rng.pick(FAMILIES);
        let name = Name::new(rng.pick(surnames), rng.pick(forenames));
        return known_as(rng, name);
    }
    let (surnames, girls, boys) = match nation {
        Nation::Wales => (SURNAMES_WALES, GIRLS_WALES, BOYS_WALES),
        Nation::Scotland => (SURNAMES_SCOTLAND, GIRLS_SCOTLAND, BOYS_SCOTLAND),
    };
    let girl = rng.chance(50);
    let mut surname = rng.pick_common(surnames).to_string();
    if nation == Nation::Scotland && !girl {
        surname = surname
            .replace("Nic", "Mac")
            .replace("Macolson", "Nicolson");
    }
    let forename = rng.pick_common(if girl { girls } else { boys });
    known_as(rng, Name::new(&surname, forename))
}

/// A twin of somebody: the same surname, another forename with the same initial where there is one.
pub fn twin(rng: &mut Rng, nation: Nation, of: &Name) -> Name {
    let (girls, boys) = match nation {
        Nation::Wales => (GIRLS_WALES, BOYS_WALES),
        Nation::Scotland => (GIRLS_SCOTLAND, BOYS_SCOTLAND),
    };
    let initial = of.forename.chars().next();
    let same: Vec<&str> = girls
        .iter()
        .chain(boys)
        .copied()
        .filter(|name| name.chars().next() == initial && *name != of.forename)
        .collect();
    let forename = if same.is_empty() {
        rng.pick(girls)
    } else {
        rng.pick(&same)
    };
    Name::new(&of.surname, forename)
}

fn known_as(rng: &mut Rng, mut name: Name) -> Name {
    if let Some((_, short)) = SHORT.iter().find(|(long, _)| *long == name.forename)
        && rng.chance(45)
    {
        name.preferred = (*short).to_string();
    }
    name
}
