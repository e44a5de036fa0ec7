use pagekeeper_common::domain::ids::Mid;
use pagekeeper_store::events::{CommentTold, ConversationEvent, PostTold, WallAct};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const PAGE: &str = "1134713619900975";

fn page() -> EntryOwner {
    EntryOwner::parse("page", PAGE).unwrap()
}

fn received_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

fn decode(json: &str) -> DecodedEntry {
    decode_entry(&page(), json.as_bytes(), received_at()).unwrap()
}

fn with_message(message: &str) -> DecodedEntry {
    decode(&format!(
        r#"{{"id":"{PAGE}","time":1770000000500,"messaging":[{{"sender":{{"id":"77"}},"recipient":{{"id":"{PAGE}"}},
           "timestamp":1770000000123,"message":{message}}}]}}"#
    ))
}

fn only(decoded: DecodedEntry) -> Message {
    assert!(!decoded.not_understood);
    let [message] = <[Message; 1]>::try_from(decoded.messages).unwrap();
    message
}

#[test]
fn a_text_is_understood() {
    let message = only(with_message(r#"{"mid":"m_1","text":"Har I \u00e5bent?"}"#));
    assert_eq!(message.psid.as_str(), "77");
    assert_eq!(message.mid.as_str(), "m_1");
    assert!(!message.from_page);
    assert_eq!(message.text.as_deref(), Some("Har I åbent?"));
    assert_eq!(message.sent_at.timestamp_millis(), 1_770_000_000_123);
}

#[test]
fn an_echo_belongs_to_the_customer_who_received_it() {
    let message = only(decode(&format!(
        r#"{{"id":"{PAGE}","time":1492414608999,"messaging":[{{"sender":{{"id":"{PAGE}"}},"recipient":{{"id":"1244813222196986"}},
           "timestamp":1492414608982,"message":{{"is_echo":true,"app_id":1821152484774199,"mid":"mid.$cAARS90328","text":"hello"}}}}]}}"#
    )));
    assert!(message.from_page);
    assert_eq!(message.psid.as_str(), "1244813222196986");
    assert_eq!(message.app_id.as_deref(), Some("1821152484774199"));
}

#[test]
fn quick_replies_and_replies_are_messages() {
    let quick = only(with_message(r#"{"quick_reply":{"payload":"RED"},"mid":"m_2","seq":348865,"text":"Red"}"#));
    assert_eq!(quick.text.as_deref(), Some("Red"));
    let reply = only(with_message(r#"{"mid":"m_3","text":"yes","reply_to":{"mid":"m_1","is_self_reply":false}}"#));
    assert_eq!(reply.reply_to_mid.unwrap().as_str(), "m_1");
}

#[test]
fn attachments_become_named_chips() {
    let message = only(with_message(
        r#"{"mid":"m_4","attachments":[
            {"type":"file","payload":{"url":"https:\/\/cdn.example\/bot\/menu.pdf?oh=1"}},
            {"type":"fallback","payload":null,"title":"Our opening hours","URL":"https://example.com"},
            {"type":"image","payload":{"url":"https://cdn.example/sticker.png","sticker_id":369239263222822}},
            {"type":"image","payload":{"url":"https://cdn.example/12_n.jpg"}},
            {"type":"location","title":"Joe's","payload":{"coordinates":{"lat":1,"long":2}}},
            "nonsense"]}"#,
    ));
    let chips: Vec<_> = message.attachments.iter().map(|chip| (chip.kind.as_str(), chip.name.as_deref())).collect();
    assert_eq!(
        chips,
        [
            ("file", Some("menu.pdf")),
            ("fallback", Some("Our opening hours")),
            ("sticker", None),
            ("image", None),
            ("location", Some("Joe's")),
        ]
    );
    assert_eq!(message.text, None);
}

/// What an element of `messaging` tells.
fn events(element: &str) -> Vec<Observation> {
    let decoded = decode(&format!(
        r#"{{"id":"{PAGE}","time":1770000000500,"messaging":[{{"sender":{{"id":"77"}},"recipient":{{"id":"{PAGE}"}},
           "timestamp":1770000000123,{element}}}]}}"#
    ));
    assert!(!decoded.not_understood, "{element}");
    decoded.events
}

/// Kind and detail of the only thing that happened.
fn happened(events: &[Observation]) -> (&'static str, Value) {
    let [Observation::Happened(ConversationEvent { psid, kind, at, detail })] = events else { panic!("{events:?}") };
    assert_eq!((psid.as_ref().unwrap().as_str(), *at), ("77", sent_at()));
    (kind, detail.clone())
}

fn sent_at() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_770_000_000_123).unwrap()
}

/// What a change tells.
fn wall(field: &str, value: &Value) -> Vec<Observation> {
    let change = json!({"id": PAGE, "time": 1_770_000_000, "changes": [{"field": field, "value": value}]});
    let decoded = decode(&change.to_string());
    assert!(!decoded.not_understood && decoded.messages.is_empty(), "{change}");
    decoded.events
}

#[test]
fn edits_deletions_and_reactions_are_told_of_their_message() {
    // C10
    let mid = Mid::parse("m_1").unwrap();
    let edited = events(r#""message_edit":{"mid":"m_1","text":"new","num_edit":"2"}"#);
    assert_eq!(edited, [Observation::Edited { mid: mid.clone(), text: "new".into(), edits: 2, at: sent_at() }]);
    let deleted = events(r#""message":{"mid":"m_1","is_deleted":true}"#);
    assert_eq!(deleted, [Observation::Deleted { mid: mid.clone(), at: sent_at() }]);
    let [Observation::Reacted { from_page: false, emotion: Some(love), .. }] =
        &events(r#""reaction":{"mid":"m_1","action":"react","reaction":"love","emoji":"\u2764"}"#)[..]
    else {
        panic!()
    };
    assert_eq!((love.name.as_deref(), love.emoji.as_deref()), (Some("love"), Some("❤")));
    let none = events(r#""reaction":{"mid":"m_1","action":"unreact"}"#);
    assert_eq!(none, [Observation::Reacted { mid, from_page: false, emotion: None, at: sent_at() }]);
}

#[test]
fn deliveries_and_reads_say_how_far_the_customer_has_come() {
    let up_to = DateTime::from_timestamp_millis(1_458_668_856_253).unwrap();
    let delivered = events(r#""delivery":{"watermark":1458668856253}"#);
    assert!(matches!(delivered[..], [Observation::Delivered { up_to: at, .. }] if at == up_to));
    let seen = |read: &str| match events(&format!(r#""read":{read}"#))[..] {
        [Observation::Seen { up_to, .. }] => up_to,
        _ => panic!("{read}"),
    };
    assert_eq!(seen(r#"{"watermark":1458668856253}"#), up_to);
    assert_eq!(seen(r#"{"mid":"m_9"}"#), sent_at(), "Instagram names a message");
    assert_eq!(seen(r#"{"watermark":99999999999999}"#), sent_at(), "an absurd one");
}

#[test]
fn a_pressed_button_is_an_event_and_a_message() {
    let decoded = decode(&format!(
        r#"{{"id":"{PAGE}","time":1770000000500,"messaging":[{{"sender":{{"id":"77"}},"recipient":{{"id":"{PAGE}"}},
           "timestamp":1770000000123,"postback":{{"mid":"m_5","title":"Start","payload":"GO",
           "referral":{{"ref":"flyer","source":"SHORTLINK","type":"OPEN_THREAD"}}}}}}]}}"#
    ));
    let [message] = &decoded.messages[..] else { panic!("{decoded:?}") };
    assert_eq!((message.mid.as_str(), message.text.as_deref(), message.from_page), ("m_5", Some("Start"), false));
    let kinds: Vec<_> = decoded.events.iter().map(|event| happened(std::slice::from_ref(event))).collect();
    let postback = json!({"mid": "m_5", "title": "Start", "payload": "GO"});
    assert_eq!(kinds, [("postback", postback), ("referral", json!({"ref": "flyer", "source": "SHORTLINK"}))]);
    let without_id = events(r#""postback":{"title":"Start","payload":"GO"}"#);
    assert_eq!(happened(&without_id).1, json!({"title": "Start", "payload": "GO"}));
}

#[test]
fn what_happens_in_a_conversation_is_an_event_of_its_kind() {
    for (element, kind, detail) in [
        (
            r#""referral":{"ad_id":60452,"source":"ADS","ads_context_data":{"ad_title":"Sale"}}"#,
            "referral",
            json!({"ad_id": "60452", "source": "ADS", "ad_title": "Sale"}),
        ),
        (r#""optin":{"ref":"box"}"#, "opt_in", json!({"ref": "box"})),
        (r#""account_linking":{"status":"linked"}"#, "account_linking", json!({"linked": true})),
        (
            r#""response_feedback":{"feedback":"Good response","mid":"m_1"}"#,
            "feedback",
            json!({"feedback": "Good response", "mid": "m_1"}),
        ),
        (
            r#""request_thread_control":{"requested_owner_app_id":5,"metadata":"help"}"#,
            "thread_control",
            json!({"action": "requested", "app_id": "5", "metadata": "help"}),
        ),
        (r#""order":{"note":"soon"}"#, "order", json!({"note": "soon"})),
        (r#""game_play":7"#, "game_play", json!({"value": 7})),
    ] {
        assert_eq!(happened(&events(element)), (kind, detail), "{element}");
    }
    let taken = events(r#""take_thread_control":{"new_owner_app_id":456,"previous_owner_app_id":"123"}"#);
    assert_eq!(happened(&taken[..1]).1, json!({"action": "taken", "app_id": "456", "previous_app_id": "123"}));
    assert!(matches!(&taken[1], Observation::Handled { app_id: Some(app), .. } if app == "456"));
    let story = with_message(r#"{"mid":"m_1","text":"wow","reply_to":{"story":{"id":"179","url":"https://cdn/s"}}}"#);
    assert_eq!(happened(&story.events), ("story_reply", json!({"mid": "m_1", "story_id": "179"})));
    let mention = r#"{"mid":"m_2","attachments":[{"type":"story_mention","payload":{"url":"https://cdn/m"}}]}"#;
    assert_eq!(happened(&with_message(mention).events), ("story_mention", json!({"mid": "m_2"})));
}

#[test]
fn what_happens_to_the_page_itself_names_no_customer() {
    for (element, kind) in [
        (r#""policy_enforcement":{"action":"block","reason":"spam"}"#, "policy_enforcement"),
        (r#""app_roles":{"123":["primary_receiver"]}"#, "app_roles"),
    ] {
        let decoded =
            decode(&format!(r#"{{"id":"{PAGE}","messaging":[{{"recipient":{{"id":"{PAGE}"}},{element}}}]}}"#));
        let [Observation::Happened(event)] = &decoded.events[..] else { panic!("{decoded:?}") };
        assert_eq!((&event.psid, event.kind, decoded.not_understood), (&None, kind, false));
    }
    assert!(matches!(wall("feed", &json!({"item": "like", "verb": "add"}))[..], [Observation::Happened(_)]));
    assert!(matches!(wall("phone", &json!("+45 1"))[..], [Observation::DetailsChanged { .. }]));
}

#[test]
fn the_feed_tells_of_posts_comments_and_reactions() {
    let post = json!({"item": "status", "verb": "add", "post_id": "1_5", "created_time": 1_769_999_000,
        "from": {"id": "7", "name": "Ada"}, "message": "hello", "published": 0});
    let [Observation::Post(PostTold { act, at, author, message, is_published, .. })] = &wall("feed", &post)[..] else {
        panic!()
    };
    assert_eq!((*act, at.timestamp(), *is_published), (WallAct::Added, 1_769_999_000, false));
    assert_eq!((author.as_ref().unwrap().id.as_str(), message.as_deref()), ("7", Some("hello")));

    let hidden = json!({"item": "comment", "verb": "hide", "post_id": "1_5", "comment_id": "5_9", "parent_id": "5_8",
        "created_time": 1_769_999_000, "from": {"id": "7"}});
    let [Observation::Comment(CommentTold { act, at, parent_id, .. })] = &wall("feed", &hidden)[..] else { panic!() };
    assert_eq!((*act, parent_id.as_deref()), (WallAct::Hidden, Some("5_8")));
    assert_eq!(at.timestamp(), 1_770_000_000, "when it was told, not when the comment was written");

    let love =
        json!({"item": "reaction", "verb": "remove", "reaction_type": "love", "post_id": "1_5", "from": {"id": "7"}});
    assert!(matches!(&wall("feed", &love)[..], [Observation::PostReaction(love)] if love.act == WallAct::Removed));
    let followed = json!({"id": PAGE, "changes": [{"field": "feed", "value": {"item": "post", "verb": "follow", "post_id": "1"}}]});
    assert!(decode(&followed.to_string()).not_understood);
    let label = json!({"user": {"id": "77"}, "action": "add", "label": {"id": "5", "page_label_name": "VIP"}});
    let [Observation::Happened(label)] = &wall("inbox_labels", &label)[..] else { panic!() };
    assert_eq!((label.kind, &label.detail), ("label", &json!({"label_id": "5", "is_on": true, "name": "VIP"})));
}

#[test]
fn instagram_tells_of_comments_mentions_and_stories() {
    let comment = json!({"id": "178", "parent_id": "177", "text": "nice", "from": {"id": "12", "username": "ada"},
        "media": {"id": "179", "media_product_type": "REELS"}});
    let [Observation::Post(medium), Observation::Comment(comment)] = &wall("comments", &comment)[..] else { panic!() };
    assert_eq!((medium.post_id.as_str(), medium.kind.as_deref(), medium.act), ("179", Some("REELS"), WallAct::Named));
    assert_eq!((comment.post_id.as_deref(), comment.parent_id.as_deref()), (Some("179"), Some("177")));
    let mention = wall("mentions", &json!({"media_id": "179", "comment_id": "180"}));
    assert!(matches!(&mention[..], [Observation::Post(medium), Observation::Comment(comment)]
        if !medium.is_mention && comment.is_mention && comment.message.is_none()));
    let caption = wall("mentions", &json!({"media_id": "179"}));
    assert!(matches!(&caption[..], [Observation::Post(medium)] if medium.is_mention));
    let story = wall("story_insights", &json!({"media_id": "179", "reach": 396}));
    assert!(matches!(&story[..], [Observation::Post(story)] if story.figures.unwrap().reach == Some(396)));
}

#[test]
fn another_apps_conversation_is_stored_like_any_other() {
    let standby = decode(&format!(
        r#"{{"id":"{PAGE}","standby":[{{"sender":{{"id":"77"}},"recipient":{{"id":"{PAGE}"}},"timestamp":1770000000123,
           "message":{{"mid":"m_1","text":"hi"}}}}]}}"#
    ));
    assert_eq!(only(standby).text.as_deref(), Some("hi"));
}

#[test]
fn what_instagram_does_not_give_to_apps_is_shown_as_such() {
    let unsupported = only(with_message(r#"{"mid":"m_1","is_unsupported":true}"#));
    assert_eq!(unsupported.attachments, [crate::message::unsupported()]);
}

#[test]
fn what_is_not_understood_is_kept_and_keeps_nothing_back() {
    let long = "x".repeat(20_000);
    let decoded = decode(&format!(
        r#"{{"id":"{PAGE}","time":1770000000500,"messaging":[
            {{"sender":{{"id":"77"}},"recipient":{{"id":"{PAGE}"}},"timestamp":1,"a_kind_of_2031":{{}}}},
            {{"sender":{{"id":"77"}},"recipient":{{"id":"{PAGE}"}},"timestamp":1770000000123,"message":{{"mid":"m_1","text":"hi"}}}},
            {{"sender":{{"id":"77"}},"recipient":{{"id":"{PAGE}"}},"order":{{"note":"{long}"}}}},
            {{"sender":{{"id":"77"}},"message_edit":{{"mid":"m_1"}}}},
            {{"sender":{{"id":"{PAGE}"}},"recipient":{{"id":"77"}},"read":{{"watermark":1458668856253}}}},
            [], 7, null]}}"#
    ));
    assert_eq!((decoded.messages.len(), decoded.events.len()), (1, 0));
    assert!(decoded.not_understood);
}

#[test]
fn other_fields_of_an_entry_are_not_understood() {
    for rest in [
        r#""changes":[{"field":"feed","value":{}}]"#,
        r#""changes":[{"field":"ratings","value":{"item":"rating"}}]"#,
        r#""standby":[{"sender":{"id":"77"}}]"#,
        r#""messaging":[]"#,
        r#""messaging":{"not":"a list"}"#,
        r#""changed_fields":["feed"]"#,
    ] {
        let decoded = decode(&format!(r#"{{"id":"{PAGE}","time":1520383571,{rest}}}"#));
        assert!(decoded.messages.is_empty() && decoded.not_understood, "{rest}");
    }
}

#[test]
fn a_message_of_an_unknown_shape_is_not_understood() {
    for message in [r#"{"text":"no id"}"#, r#"{"mid":"","text":"empty id"}"#, r#"{"mid":{"a":1}}"#, "null", "[]"] {
        let decoded = with_message(message);
        assert!(decoded.messages.is_empty() && decoded.not_understood, "{message}");
    }
}

#[test]
fn a_message_with_nothing_to_show_is_stored_and_kept() {
    let decoded = with_message(r#"{"mid":"m_1","text":["a","list"],"order":{"new":true}}"#);
    assert_eq!((decoded.messages.len(), decoded.not_understood), (1, true));
}

#[test]
fn fields_that_say_nothing_to_us_may_have_any_shape() {
    let message = only(with_message(
        r#"{"mid":"m_1","text":"hi","attachments":{"odd":1},"app_id":{"odd":1},"reply_to":7,"nlp":[[]],"quick_reply":3}"#,
    ));
    assert_eq!(message.text.as_deref(), Some("hi"));
    assert!(message.attachments.is_empty() && message.app_id.is_none() && message.reply_to_mid.is_none());
}

#[test]
fn a_visitor_without_an_id_and_a_page_that_writes_to_itself_are_not_understood() {
    for parties in [
        format!(r#""sender":{{"user_ref":"x"}},"recipient":{{"id":"{PAGE}"}}"#),
        format!(r#""sender":{{"id":"{PAGE}"}},"recipient":{{"id":"{PAGE}"}}"#),
        format!(r#""recipient":{{"id":"{PAGE}"}}"#),
        format!(r#""sender":{{"id":"{PAGE}"}}"#),
    ] {
        let decoded =
            decode(&format!(r#"{{"id":"{PAGE}","messaging":[{{{parties},"message":{{"mid":"m_1","text":"hi"}}}}]}}"#));
        assert!(decoded.messages.is_empty() && decoded.not_understood, "{parties}");
    }
}

#[test]
fn an_absurd_time_is_replaced_by_the_entrys_and_then_by_the_arrivals() {
    let sent_at = |entry: &str, element: &str| {
        only(decode(&format!(
            r#"{{"id":"{PAGE}","time":{entry},"messaging":[{{"sender":{{"id":"77"}},"recipient":{{"id":"{PAGE}"}},
               "timestamp":{element},"message":{{"mid":"m_1","text":"hi"}}}}]}}"#
        )))
        .sent_at
        .timestamp()
    };
    assert_eq!(sent_at("1770000000500", r#""1769999999""#), 1_769_999_999);
    assert_eq!(sent_at("1770000000500", "99999999999999"), 1_770_000_000);
    assert_eq!(sent_at("12", "-5"), 1_780_000_000);
    assert_eq!(sent_at("null", r#""soon""#), 1_780_000_000);
}

#[test]
fn what_is_not_a_json_object_is_unparseable() {
    for json in ["", "[]", "7", "\"a\"", "{", "{\"id\":}", "\u{feff}{}"] {
        assert_eq!(decode_entry(&page(), json.as_bytes(), received_at()), Err(Unparseable), "{json}");
    }
    assert_eq!(decode_entry(&page(), b"{\"id\":\"\xff\"}", received_at()), Err(Unparseable));
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_entry(&page(), &bytes, received_at());
    }

    #[test]
    fn any_text_survives(text in any::<String>().prop_filter("a text", |text| !text.is_empty())) {
        let message = only(with_message(&format!(r#"{{"mid":"m_1","text":{}}}"#, serde_json::to_string(&text).unwrap())));
        prop_assert_eq!(message.text, crate::message::text(&text));
    }
}
