use super::Files;
pub fn build() -> Files { Files::new() }
