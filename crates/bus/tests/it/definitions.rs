//! `deploy/rabbitmq/definitions.json`: what the services declare, and nothing else. (I3)

use pagekeeper_bus::topology::{BACKGROUND_COMMANDS, parked};
use pagekeeper_bus::{Bus, BusConfig};
use pagekeeper_testkit::TestVhost;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::support::{LIMIT, ready_messages};

const FILE: &str = include_str!("../../../../deploy/rabbitmq/definitions.json");

#[test]
fn the_file_is_what_the_code_declares() {
    let declared = BusConfig::new("").topology().unwrap().definitions();
    assert!(FILE == format!("{declared:#}\n"), "it has drifted: run `just definitions`");
}

#[tokio::test]
async fn a_broker_that_has_imported_it_refuses_nothing_that_the_services_declare() {
    let vhost = TestVhost::new().await;
    let mut definitions: Value = serde_json::from_str(FILE).unwrap();
    // For one virtual host they name none.
    definitions.as_object_mut().unwrap().remove("vhosts");
    for kind in ["exchanges", "queues", "bindings"] {
        for definition in definitions[kind].as_array_mut().unwrap() {
            definition.as_object_mut().unwrap().remove("vhost");
        }
    }
    vhost.import(&definitions).await.unwrap();
    assert_eq!(ready_messages(&vhost.url(), &parked(BACKGROUND_COMMANDS)).await, 0, "the queue is there");

    let stop = CancellationToken::new();
    let bus = Bus::start(&BusConfig::new(vhost.url()), "test", &stop).unwrap();
    assert!(bus.ready(LIMIT).await, "{:?}", bus.state());
    stop.cancel();
}
