//! `pagekeeper parked`: list, show, replay, drop. (I5)

use serde_json::Value;

use crate::system::System;

fn ids(json: &str) -> Vec<String> {
    let list: Value = serde_json::from_str(json).unwrap();
    list["data"].as_array().unwrap().iter().map(|parked| parked["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_parked_is_listed_shown_replayed_and_dropped() {
    let system = System::start().await;
    assert_eq!(system.pagekeeper(&["parked", "list"]).await.ok(), "Nothing is parked.\n");
    for reason in [
        "could not be stored, for a reason that is longer than a line of a table can be in any terminal",
        "two",
        "three",
    ] {
        system.park("111", reason).await;
    }
    let table = system.pagekeeper(&["parked", "list"]).await.ok();
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    assert!(table.lines().next().unwrap().starts_with("ID ") && table.contains("Café Nord"), "{table}");
    assert_eq!(table.lines().count(), 4);

    let listed = ids(&system.pagekeeper(&["parked", "list", "--json", "--limit", "2"]).await.ok());
    assert_eq!(listed.len(), 2);
    assert_eq!(ids(&system.pagekeeper(&["parked", "list", "--json", "--older-than", "2h"]).await.ok()).len(), 0);
    let shown = system.pagekeeper(&["parked", "show", &listed[0]]).await.ok();
    assert!(shown.contains("page          Café Nord, 111") && shown.contains("\"messaging\": []"), "{shown}");
    let shown: Value =
        serde_json::from_str(&system.pagekeeper(&["parked", "show", &listed[0], "--json"]).await.ok()).unwrap();
    assert_eq!(shown["content"]["entries"][0]["owner_id"], "111");

    let replayed = system.pagekeeper(&["parked", "replay", &listed[0]]).await.ok();
    assert_eq!(replayed, "1 message replayed.\n");
    let gone = system.pagekeeper(&["parked", "replay", &listed[0]]).await.refused(1);
    assert!(gone.contains(&listed[0]), "{gone}");

    let unasked = system.pagekeeper(&["parked", "drop", "--reason", "two"]).await.refused(2);
    assert!(unasked.contains("--yes"), "{unasked}");
    assert_eq!(system.pagekeeper(&["parked", "drop", "--reason", "two", "--yes"]).await.ok(), "1 message dropped.\n");
    let json = system.pagekeeper(&["parked", "drop", "--all", "--yes", "--json"]).await.ok();
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["dropped"], 1);
    assert_eq!(system.pagekeeper(&["parked", "list"]).await.ok(), "Nothing is parked.\n");
}

#[tokio::test]
async fn the_operator_sees_what_is_of_nobody() {
    let system = System::start().await;
    system.park("999", "of nobody's Page").await;
    assert_eq!(system.pagekeeper(&["parked", "list"]).await.ok(), "Nothing is parked.\n");
    let listed = ids(&system.as_operator(&["--operator", "parked", "list", "--json"]).await.ok());
    assert_eq!(listed.len(), 1);
    let shown = system.as_operator(&["parked", "show", &listed[0], "--operator"]).await.ok();
    assert!(shown.contains("999") && !shown.contains("messaging"), "{shown}");
    let done = system.as_operator(&["parked", "drop", &listed[0], "--yes", "--operator"]).await.ok();
    assert_eq!(done, "1 message dropped.\n");
}
