//! Makes Rust of `proto/`, without protoc.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let files = ["webhooks", "commands", "events"].map(|name| format!("pagekeeper/v1/{name}.proto"));
    let descriptors = protox::compile(files, [root])?;
    prost_build::Config::new().bytes(["."]).compile_fds(descriptors)?;
    Ok(())
}
