//! The program as its users meet it: real commands in folders of their own, judged by exit codes and files.

mod adopt;
mod archive;
mod compare;
mod drift;
mod drill;
mod explain;
#[path = "../support/files.rs"]
mod files;
mod groups;
mod holds;
mod hostile;
mod keys;
mod outlook;
mod place;
mod plans;
mod recovery;
mod verify;

mod world;
