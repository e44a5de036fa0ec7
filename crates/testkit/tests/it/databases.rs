use pagekeeper_testkit::TestDatabase;

#[tokio::test]
async fn each_test_has_a_database_of_its_own_with_the_schema() {
    let (one, other) = tokio::join!(TestDatabase::new(), TestDatabase::new());
    one.execute("insert into accounts (name) values ('Café Nord')").await;
    assert_eq!(one.number("select count(*) from accounts").await, 1);
    assert_eq!(other.number("select count(*) from accounts").await, 0);
}

#[tokio::test]
async fn ids_of_different_tables_never_meet() {
    let database = TestDatabase::new().await;
    database.execute("insert into accounts (name) values ('A'); insert into users (name) values ('B')").await;
    let distance = database.number("select abs((select id from accounts) - (select id from users))").await;
    assert!(distance >= 10_000, "{distance}");
}
