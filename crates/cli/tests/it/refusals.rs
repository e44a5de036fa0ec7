//! What goes wrong says what to do, in one line.

use crate::system::{KEY, System, run};

const LIST: [&str; 2] = ["parked", "list"];

#[tokio::test]
async fn a_call_that_cannot_work_says_what_it_lacks() {
    for (environment, hint) in [
        (&[][..], "PAGEKEEPER_URL is not set"),
        (&[("PAGEKEEPER_URL", "pages.example"), ("PAGEKEEPER_TOKEN", KEY)][..], "PAGEKEEPER_URL is not an address"),
        (&[("PAGEKEEPER_URL", "http://localhost:1")][..], "PAGEKEEPER_TOKEN is not set"),
        (&[("PAGEKEEPER_URL", "http://localhost:1"), ("PAGEKEEPER_TOKEN", "a\nb")][..], "PAGEKEEPER_TOKEN is no token"),
    ] {
        let said = run(environment, &LIST).await.refused(2);
        assert!(said.contains(hint), "{said}");
    }
    let environment = [("PAGEKEEPER_URL", "http://localhost:1"), ("PAGEKEEPER_TOKEN", KEY)];
    let said = run(&environment, &LIST).await.refused(1);
    assert!(said.contains("cannot reach the gateway at http://localhost:1"), "{said}");
    assert!(run(&environment, &["parked", "replay"]).await.refused(2).contains("--all"));
    assert!(run(&environment, &["parked", "replay", "x:1", "--queue", "x"]).await.refused(2).contains("one of both"));
    assert_eq!(run(&environment, &["parked", "sing"]).await.code, 2);
    assert_eq!(run(&environment, &["--help"]).await.code, 0);
}

#[tokio::test]
async fn a_refusal_of_the_gateways_is_told_in_its_words() {
    let system = System::start().await;
    let wrong = [("PAGEKEEPER_URL", system.url.as_str()), ("PAGEKEEPER_TOKEN", "pk_wrong")];
    assert!(run(&wrong, &LIST).await.refused(1).contains("does not accept PAGEKEEPER_TOKEN"));
    let operator = run(&wrong, &["--operator", "parked", "list"]).await.refused(1);
    assert!(operator.contains("cron secret"), "{operator}");
    for (arguments, field) in [
        (&["parked", "list", "--queue", "nowhere"][..], "queue"),
        (&["parked", "list", "--older-than", "yesterday"][..], "older_than"),
        (&["parked", "replay", "--page", "x"][..], "page"),
        (&["parked", "replay", "one", "two"][..], "ids"),
    ] {
        let said = system.pagekeeper(arguments).await.refused(1);
        assert!(said.contains(field), "{said}");
    }
    let said = system.pagekeeper(&["parked", "show", "../../me"]).await.refused(1);
    assert!(said.contains("nothing with the id ../../me"), "{said}");
    let console = [("PAGEKEEPER_URL", format!("{}/inbox", system.url)), ("PAGEKEEPER_TOKEN", KEY.to_owned())];
    let console: Vec<(&str, &str)> = console.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(run(&console, &LIST).await.refused(1).contains("is PAGEKEEPER_URL right?"));
}
