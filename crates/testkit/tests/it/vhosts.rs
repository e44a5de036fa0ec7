use lapin::{Connection, ConnectionProperties};
use pagekeeper_testkit::TestVhost;

#[tokio::test]
async fn each_test_has_a_vhost_of_its_own() {
    let (one, other) = tokio::join!(TestVhost::new(), TestVhost::new());
    assert_ne!(one.name(), other.name());
    for vhost in [&one, &other] {
        let connection = Connection::connect(&vhost.url(), ConnectionProperties::default()).await.unwrap();
        assert!(connection.status().connected());
    }
}
