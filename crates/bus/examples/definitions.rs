//! Prints RabbitMQ's definitions: `just definitions`.

use std::io::Write as _;

use pagekeeper_bus::BusConfig;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let definitions = BusConfig::new("").topology()?.definitions();
    writeln!(std::io::stdout(), "{definitions:#}")?;
    Ok(())
}
