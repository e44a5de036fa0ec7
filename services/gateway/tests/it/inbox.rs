//! Conversations, messages and contacts.

use pagekeeper_testkit::{Poll, wait_for};
use serde_json::{Value, json};

use crate::data;
use crate::system::{LONG, System};

#[tokio::test]
async fn a_conversation_is_shown_with_its_page_its_contact_and_what_is_unread() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let page = data::a_page(&system.database, browser.account_id().await, "111").await;
    let list = browser.get("/api/conversations").await.expect(200).json();
    let shown = &list["data"][0];
    assert_eq!(shown["contact"], json!({"id": page.contact, "name": "Freja Holm", "picture_url": null}));
    assert_eq!(
        (&shown["connection"]["id"], &shown["connection"]["name"]),
        (&json!(page.connection), &json!("Café 111"))
    );
    assert_eq!(
        (&shown["unread"], &shown["unread_count"], &shown["snippet"]),
        (&json!(true), &json!(2), &json!("A table for four?"))
    );
    assert_eq!((&list["next_cursor"], &list["estimated_total"]), (&json!(null), &json!(1)));
    let head = browser.get(&format!("/api/conversations/{}", page.conversation)).await.expect(200).json();
    let shown = shown.as_object().unwrap();
    assert!(shown.iter().all(|(name, value)| head[name] == *value), "{head}");

    let contact = browser.get(&format!("/api/contacts/{}", page.contact)).await.expect(200).json();
    assert_eq!(
        (&contact["name"], &contact["psid"], &contact["conversation_id"]),
        (&json!("Freja Holm"), &json!("p1"), &json!(page.conversation))
    );
}

#[tokio::test]
async fn the_number_of_conversations_of_a_new_account_follows_its_first_sync() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let total = async || browser.get("/api/conversations").await.expect(200).json()["estimated_total"].clone();
    assert_eq!(total().await, 0);
    let account = browser.account_id().await;
    let page = data::a_page(&system.database, account, "111").await;
    data::more_conversations(&system.database, account, page.connection, 120).await;
    wait_for("the new conversations to be counted", LONG, async || {
        let counted = total().await;
        Poll::when((counted == 121).then_some(()), counted.to_string())
    })
    .await;
}

#[tokio::test]
async fn a_thread_is_read_from_new_to_old_in_parts() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let page = data::a_page(&system.database, browser.account_id().await, "111").await;
    let path = format!("/api/conversations/{}/messages?limit=2", page.conversation);
    let newest = browser.get(&path).await.expect(200).json();
    let mids = |list: &Value| {
        list["data"].as_array().unwrap().iter().map(|row| row["mid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(mids(&newest), ["m3", "m2"]);
    assert_eq!(
        newest["data"][1]["attachments"],
        json!([{"type": "image", "name": null, "mime_type": null, "size": 9}])
    );
    let older =
        browser.get(&format!("{path}&cursor={}", newest["next_cursor"].as_str().unwrap())).await.expect(200).json();
    assert_eq!((mids(&older), &older["next_cursor"]), (vec!["m1".to_owned()], &json!(null)));
    assert_eq!(older["data"][0]["from_page"], true);
}

#[tokio::test]
async fn messages_are_shown_as_they_are_now() {
    // C10
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let page = data::a_page(&system.database, browser.account_id().await, "111").await;
    data::what_became_of_the_page(&system.database, page).await;
    let path = format!("/api/conversations/{}", page.conversation);
    let thread = browser.get(&format!("{path}/messages")).await.expect(200).json();
    let [deleted, edited, first] = thread["data"].as_array().unwrap().as_slice() else { panic!("{thread}") };
    assert_eq!((&deleted["text"], &deleted["deleted_at"]), (&json!(null), &json!("2026-11-20T12:09:00Z")));
    assert_eq!((&edited["text"], &edited["edited_at"]), (&json!("Hello there"), &json!("2026-11-20T12:05:00Z")));
    assert_eq!((&edited["deleted_at"], &edited["reactions"]), (&json!(null), &json!([])));
    assert_eq!(first["reactions"], json!([{"from_page": false, "name": "love", "emoji": "❤"}]));
    // The newest message was taken back.
    let list = browser.get("/api/conversations").await.expect(200).json();
    assert_eq!(list["data"][0]["snippet"], json!(null));

    let head = browser.get(&path).await.expect(200).json();
    assert_eq!(
        (&head["delivered_up_to"], &head["seen_up_to"], &head["handled_by_app"]),
        (&json!("2026-11-20T12:00:30Z"), &json!(null), &json!("263902037430900"))
    );
}

#[tokio::test]
async fn what_happened_in_a_conversation_is_listed_in_parts() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let page = data::a_page(&system.database, browser.account_id().await, "111").await;
    data::what_became_of_the_page(&system.database, page).await;
    let path = format!("/api/conversations/{}/events?limit=2", page.conversation);
    let newest = browser.get(&path).await.expect(200).json();
    assert_eq!((&newest["data"][0]["kind"], &newest["data"][0]["detail"]), (&json!("label"), &json!({"is_on": true})));
    let older =
        browser.get(&format!("{path}&cursor={}", newest["next_cursor"].as_str().unwrap())).await.expect(200).json();
    assert_eq!((older["data"].as_array().unwrap().len(), &older["next_cursor"]), (1, &json!(null)));
    assert_eq!(older["data"][0]["kind"], "referral");
}

#[tokio::test]
async fn posts_and_their_comments_are_listed_in_parts() {
    // D6
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let account = browser.account_id().await;
    let page = data::a_page(&system.database, account, "111").await;
    data::what_became_of_the_page(&system.database, page).await;
    let newest = browser.get("/api/posts?limit=1").await.expect(200).json();
    let post = &newest["data"][0];
    assert_eq!(
        (&post["post_id"], &post["author"]["name"], &post["message"]),
        (&json!("111_2"), &json!("Café"), &json!("Open"))
    );
    assert_eq!(
        (&post["comment_count"], &post["reaction_count"], &post["is_hidden"]),
        (&json!(2), &json!(1), &json!(true))
    );
    assert_eq!(post["connection"]["name"], "Café 111");
    let older =
        browser.get(&format!("/api/posts?cursor={}", newest["next_cursor"].as_str().unwrap())).await.expect(200).json();
    assert_eq!((&older["data"][0]["post_id"], &older["next_cursor"]), (&json!("111_1"), &json!(null)));
    let of_connection = browser.get(&format!("/api/posts?connection_id={}", page.connection)).await.expect(200).json();
    assert_eq!(of_connection["data"].as_array().unwrap().len(), 2);
    let of_another = browser.get(&format!("/api/posts?connection_id={}", page.connection + 1)).await.expect(200).json();
    assert_eq!(of_another["data"], json!([]));

    let comments = browser.get(&format!("/api/posts/{}/comments", post["id"])).await.expect(200).json();
    let [removed, answer, comment] = comments["data"].as_array().unwrap().as_slice() else { panic!("{comments}") };
    assert_eq!((&removed["message"], removed["removed_at"].is_string()), (&json!(null), true));
    assert_eq!((&answer["parent_id"], &comment["reaction_count"]), (&json!("2_1"), &json!(1)));
    let none = browser.get(&format!("/api/posts/{}/comments", older["data"][0]["id"])).await.expect(200).json();
    assert_eq!((&none["data"], &none["next_cursor"]), (&json!([]), &json!(null)));

    let other = system.logged_in("Omar Haddad").await;
    assert_eq!(other.get("/api/posts").await.expect(200).json()["data"], json!([]));
    other.get(&format!("/api/posts/{}/comments", post["id"])).await.expect(404);
    other.get(&format!("/api/conversations/{}/events", page.conversation)).await.expect(404);
    for bad in ["/api/posts?limit=0", "/api/posts?cursor=x", "/api/posts?connection_id=x", "/api/posts?page=2"] {
        assert!(browser.get(bad).await.expect(400).json()["field"].is_string(), "{bad}");
    }
}

#[tokio::test]
async fn reading_up_to_a_message_leaves_later_ones_unread() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let page = data::a_page(&system.database, browser.account_id().await, "111").await;
    let path = format!("/api/conversations/{}/read", page.conversation);
    let half = browser.post_json(&path, json!({"up_to": "2026-11-20T12:01:00Z"})).await.expect(200).json();
    assert_eq!((&half["unread"], &half["unread_count"]), (&json!(true), &json!(1)));
    // A clock of tomorrow reads no message of tomorrow.
    let whole = browser.post_json(&path, json!({"up_to": "2030-01-01T00:00:00Z"})).await.expect(200).json();
    assert_eq!((&whole["unread"], &whole["unread_count"]), (&json!(false), &json!(0)));
    assert_eq!(
        system.database.number("select count(*) from conversations where read_up_to <= last_inbound_at").await,
        1
    );
    let again = browser.post_json(&path, json!({"up_to": "2020-01-01T00:00:00Z"})).await.expect(200).json();
    assert_eq!(again["unread"], false);
    assert_eq!(browser.get("/api/conversations?unread=true").await.expect(200).json()["data"], json!([]));
}

#[tokio::test]
async fn the_list_is_walked_down_and_up_without_gaps() {
    let system = System::start().await;
    let browser = system.logged_in("Linh Trần").await;
    let account = browser.account_id().await;
    let page = data::a_page(&system.database, account, "111").await;
    data::more_conversations(&system.database, account, page.connection, 24).await;

    let all = ids(&browser.get("/api/conversations?limit=100").await.expect(200).json());
    assert_eq!(all.len(), 25);
    let (mut down, mut lists, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let list = browser.get(&format!("/api/conversations?limit=10{cursor}")).await.expect(200).json();
        down.extend(ids(&list));
        lists.push(list.clone());
        match list["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(down, all);

    // From the last page up again: each page new to old, nearest to the cursor.
    let mut up = ids(&lists[2]);
    let mut place = lists[2]["previous_cursor"].as_str().unwrap().to_owned();
    loop {
        let list = browser
            .get(&format!("/api/conversations?limit=10&direction=newer&cursor={place}"))
            .await
            .expect(200)
            .json();
        if list["data"] == json!([]) {
            break;
        }
        place = list["previous_cursor"].as_str().unwrap().to_owned();
        up.splice(0..0, ids(&list));
    }
    assert_eq!(up, all);

    // What arrives later is found above the newest that was seen.
    let other = data::a_page(&system.database, account, "222").await;
    let fresh = browser.get(&format!("/api/conversations?direction=newer&cursor={place}")).await.expect(200).json();
    assert_eq!(ids(&fresh), [other.conversation]);
    let filtered =
        browser.get(&format!("/api/conversations?connection_id={}", other.connection)).await.expect(200).json();
    assert_eq!(ids(&filtered), [other.conversation]);
    assert_eq!(filtered["data"][0]["connection"]["name"], "Café 222");
}

fn ids(list: &Value) -> Vec<i64> {
    list["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}
