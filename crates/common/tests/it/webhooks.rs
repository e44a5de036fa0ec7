//! Webhook entries in the shapes that Meta documents or that are seen, and what is understood of them (SPEC rows D1, D2).

use chrono::{DateTime, Utc};
use pagekeeper_common::webhooks::{
    ChangeContent, Entry, Event, MessagingContent, MessagingEvent, ReplyTo, ThreadControl, Unparseable, Verb,
    decode_entry,
};

const OWNER: &str = "1134713619900975";

fn received_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

fn decode(json: &str) -> Entry {
    decode_entry(OWNER, json.as_bytes(), received_at()).unwrap()
}

/// The event of a customer with this content.
fn customer_event(content: &str) -> MessagingEvent {
    let entry = decode(&format!(
        r#"{{"id":"{OWNER}","time":1770000000500,"messaging":[{{"sender":{{"id":"77"}},"recipient":{{"id":"{OWNER}"}},
           "timestamp":1770000000123,{content}}}]}}"#
    ));
    only_messaging(entry)
}

fn only_messaging(mut entry: Entry) -> MessagingEvent {
    assert!(!entry.not_understood, "{entry:?}");
    match (entry.events.pop(), entry.events.is_empty()) {
        (Some(Event::Messaging(event)), true) => event,
        other => panic!("{other:?}"),
    }
}

fn change(field: &str, value: &str) -> ChangeContent {
    let mut entry =
        decode(&format!(r#"{{"id":"{OWNER}","time":1770000000,"changes":[{{"field":"{field}","value":{value}}}]}}"#));
    assert!(!entry.not_understood, "{entry:?}");
    match entry.events.pop() {
        Some(Event::Change(change)) => change.content,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_has_its_customer_its_time_and_what_it_answers() {
    let event =
        customer_event(r#""message":{"mid":"m_2","text":"yes","reply_to":{"mid":"m_1","is_self_reply":false}}"#);
    assert_eq!(event.customer.as_ref().unwrap().as_str(), "77");
    assert_eq!((event.from_page, event.standby, event.at.timestamp_millis()), (false, false, 1_770_000_000_123));
    let MessagingContent::Message(message) = event.content else { panic!("{event:?}") };
    assert_eq!((message.mid.as_str(), message.text.as_deref()), ("m_2", Some("yes")));
    assert!(matches!(message.reply_to, Some(ReplyTo::Message(mid)) if mid.as_str() == "m_1"));
}

#[test]
fn attachments_keep_kind_title_and_address_in_each_of_their_shapes() {
    let event = customer_event(
        r#""message":{"mid":"m_1","attachments":[
            {"type":"image","payload":{"url":"https:\/\/cdn\/a.jpg"}},
            {"type":"image","payload":{"url":"https://cdn/s.png","sticker_id":369239263222822}},
            {"type":"fallback","payload":null,"title":"Hours","URL":"https://example.com"},
            {"type":"ig_post","payload":{"url":"https://cdn/p","title":"Lunch","id":"12"}},
            {"type":"a_kind_of_2031","payload":[1]},
            {"payload":{"url":"no type"}}, "nonsense"]}"#,
    );
    let MessagingContent::Message(message) = event.content else { panic!("{event:?}") };
    let read: Vec<_> =
        message.attachments.iter().map(|one| (one.kind.as_str(), one.title.as_deref(), one.url.as_deref())).collect();
    assert_eq!(
        read,
        [
            ("image", None, Some("https://cdn/a.jpg")),
            ("sticker", None, Some("https://cdn/s.png")),
            ("fallback", Some("Hours"), Some("https://example.com")),
            ("ig_post", Some("Lunch"), Some("https://cdn/p")),
            ("a_kind_of_2031", None, None),
        ]
    );
}

#[test]
fn an_echo_is_the_pages_and_belongs_to_the_customer() {
    for parties in [
        format!(r#""sender":{{"id":"{OWNER}"}},"recipient":{{"id":77}}"#),
        format!(r#""sender":{{"id":"77"}},"recipient":{{"id":"{OWNER}"}}"#),
    ] {
        let event = only_messaging(decode(&format!(
            r#"{{"id":"{OWNER}","messaging":[{{{parties},"timestamp":1770000000123,
               "message":{{"mid":"m_1","text":"hello","is_echo":"true","is_self":true,"app_id":1821152484774199,"metadata":"order 5"}}}}]}}"#
        )));
        assert_eq!((event.customer.unwrap().as_str(), event.from_page), ("77", true), "{parties}");
        let MessagingContent::Message(message) = event.content else { panic!() };
        assert_eq!(message.app_id.as_deref(), Some("1821152484774199"));
        assert_eq!(message.metadata.as_deref(), Some("order 5"));
    }
}

#[test]
fn deletions_edits_and_reactions_name_their_message() {
    let deleted = customer_event(r#""message":{"mid":"m_1","is_deleted":true}"#).content;
    assert!(matches!(deleted, MessagingContent::Deleted { mid } if mid.as_str() == "m_1"));
    let edited = customer_event(r#""message_edit":{"mid":"m_1","text":"new","num_edit":"2"}"#).content;
    assert!(matches!(edited, MessagingContent::Edited { times: Some(2), text: Some(text), .. } if text == "new"));
    let love = r#""reaction":{"mid":"m_1","action":"react","reaction":"love","emoji":"\u2764\uFE0F"}"#;
    let MessagingContent::Reaction { emotion: Some(emotion), .. } = customer_event(love).content else { panic!() };
    assert_eq!((emotion.name.as_deref(), emotion.emoji.as_deref()), (Some("love"), Some("❤️")));
    let taken_back = customer_event(r#""reaction":{"mid":"m_1","action":"unreact"}"#).content;
    assert!(matches!(taken_back, MessagingContent::Reaction { emotion: None, .. }));
}

#[test]
fn reads_and_deliveries_come_with_and_without_ids_and_time() {
    let read = customer_event(r#""read":{"watermark":1458668856253}"#).content;
    assert!(matches!(read, MessagingContent::Read { up_to: Some(at), mid: None } if at.timestamp() == 1_458_668_856));
    let seen = customer_event(r#""read":{"mid":"m_9"}"#).content;
    assert!(matches!(seen, MessagingContent::Read { up_to: None, mid: Some(mid) } if mid.as_str() == "m_9"));
    let delivered = only_messaging(decode(&format!(
        r#"{{"id":"{OWNER}","time":1770000000500,"messaging":[{{"sender":{{"id":"77"}},"recipient":{{"id":"{OWNER}"}},
           "delivery":{{"watermark":1458668856253,"seq":37}}}}]}}"#
    )));
    assert_eq!(delivered.at.timestamp_millis(), 1_770_000_000_500, "a delivery has no time of its own");
    assert!(matches!(delivered.content, MessagingContent::Delivered { mids, up_to: Some(_) } if mids.is_empty()));
}

#[test]
fn postbacks_referrals_and_opt_ins_tell_where_somebody_came_from() {
    let postback = customer_event(
        r#""postback":{"title":"Start","payload":"GO","referral":{"ref":"flyer","source":"SHORTLINK","type":"OPEN_THREAD"}}"#,
    );
    let MessagingContent::Postback { mid: None, title, payload, referral: Some(referral) } = postback.content else {
        panic!()
    };
    assert_eq!((title.as_deref(), payload.as_deref()), (Some("Start"), Some("GO")));
    assert_eq!((referral.reference.as_deref(), referral.source.as_deref()), (Some("flyer"), Some("SHORTLINK")));

    let ad = r#""referral":{"ad_id":6045246247433,"source":"ADS","ads_context_data":{"ad_title":"Summer Sale"}}"#;
    let MessagingContent::Referral(ad) = customer_event(ad).content else { panic!() };
    assert_eq!((ad.ad_id.as_deref(), ad.ad_title.as_deref()), (Some("6045246247433"), Some("Summer Sale")));

    let stop =
        r#""optin":{"type":"notification_messages","payload":"P","notification_messages_status":"STOP NOTIFICATIONS"}"#;
    let MessagingContent::OptIn(stop) = customer_event(stop).content else { panic!() };
    assert_eq!((stop.reference.as_deref(), stop.status.as_deref()), (Some("P"), Some("STOP NOTIFICATIONS")));
}

#[test]
fn thread_control_is_passed_taken_and_requested_by_ids_of_both_kinds() {
    let control = |json: &str| match customer_event(json).content {
        MessagingContent::ThreadControl(control) => control,
        other => panic!("{other:?}"),
    };
    let passed = r#""pass_thread_control":{"new_owner_app_id":"1","previous_owner_app_id":null,"metadata":""}"#;
    assert_eq!(control(passed), ThreadControl::Passed { to: Some("1".into()), from: None, metadata: None });
    let taken = r#""take_thread_control":{"new_owner_app_id":456,"previous_owner_app_id":"123"}"#;
    let (by, from) = (Some("456".into()), Some("123".into()));
    assert_eq!(control(taken), ThreadControl::Taken { by, from, metadata: None });
    let asked = r#""request_thread_control":{"requested_owner_app_id":123,"metadata":"help"}"#;
    let (by, metadata) = (Some("123".into()), Some("help".into()));
    assert_eq!(control(asked), ThreadControl::Requested { by, metadata });
}

#[test]
fn what_is_about_the_page_needs_no_customer() {
    for (content, expected) in [
        (r#""policy_enforcement":{"action":"block","reason":"spam"}"#, "PolicyEnforcement"),
        (r#""policy-enforcement":{"action":"unblock"}"#, "PolicyEnforcement"),
        (r#""app_roles":{"123":["primary_receiver"]}"#, "AppRoles"),
    ] {
        let event = only_messaging(decode(&format!(
            r#"{{"id":"{OWNER}","messaging":[{{"recipient":{{"id":"{OWNER}"}},"timestamp":1770000000123,{content}}}]}}"#
        )));
        assert!(event.customer.is_none() && format!("{:?}", event.content).starts_with(expected), "{event:?}");
    }
    assert!(matches!(
        customer_event(r#""account_linking":{"status":"linked","authorization_code":"C"}"#).content,
        MessagingContent::AccountLinking { linked: true }
    ));
    let game = customer_event(r#""game_play":{"score":99}"#).content;
    assert!(matches!(game, MessagingContent::Other { kind: "game_play", content } if content["score"] == 99));
}

#[test]
fn another_apps_conversation_is_on_standby() {
    let event = only_messaging(decode(&format!(
        r#"{{"id":"{OWNER}","standby":[{{"sender":{{"id":"77"}},"recipient":{{"id":"{OWNER}"}},"timestamp":1770000000123,
           "message":{{"mid":"m_1","text":"hi"}}}}]}}"#
    )));
    assert!(event.standby);
}

#[test]
fn instagrams_own_kinds_of_messages_are_understood() {
    let story = r#""message":{"mid":"m_1","text":"wow","reply_to":{"story":{"id":"179","url":"https://cdn/s"}}}"#;
    let MessagingContent::Message(reply) = customer_event(story).content else { panic!() };
    assert!(matches!(reply.reply_to, Some(ReplyTo::Story(story)) if story.id.as_deref() == Some("179")));
    let mention =
        r#""message":{"mid":"m_2","attachments":[{"type":"story_mention","payload":{"url":"https://cdn/m"}}]}"#;
    let MessagingContent::Message(mention) = customer_event(mention).content else { panic!() };
    assert_eq!(mention.attachments[0].kind, "story_mention");
    let unsupported = customer_event(r#""message":{"mid":"m_3","is_unsupported":true}"#).content;
    assert!(matches!(unsupported, MessagingContent::Message(message) if message.is_unsupported));
}

#[test]
fn comments_posts_and_reactions_of_the_feed_are_told_apart() {
    let post = format!("{OWNER}_55");
    let comment = |parent: &str| {
        let json = format!(
            r#"{{"from":{{"id":"7","name":"Ada"}},"item":"comment","verb":"add","post_id":"{post}","comment_id":"55_9",
                "parent_id":"{parent}","created_time":1769999990,"message":"How much?"}}"#
        );
        match change("feed", &json) {
            ChangeContent::Comment(comment) => comment,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(comment(&post).parent_id, None, "below the post itself");
    let reply = comment("55_8");
    assert_eq!(reply.parent_id.unwrap().as_str(), "55_8");
    assert_eq!((reply.verb, reply.author.unwrap().name.as_deref()), (Verb::Added, Some("Ada")));

    let removed = format!(r#"{{"from":{{"id":"7"}},"item":"status","verb":"remove","post_id":"{post}"}}"#);
    assert!(matches!(change("feed", &removed), ChangeContent::Post(post) if post.verb == Verb::Removed));
    let hidden = format!(r#"{{"item":"photo","verb":"hide","post_id":"{post}","published":0}}"#);
    assert!(matches!(change("feed", &hidden), ChangeContent::Post(post) if !post.is_published));
    let love =
        format!(r#"{{"item":"reaction","verb":"edit","reaction_type":"sad","post_id":"{post}","comment_id":"55_9"}}"#);
    let ChangeContent::Reaction(love) = change("feed", &love) else { panic!() };
    assert_eq!(
        (love.verb, love.kind.as_deref(), love.comment_id.unwrap().as_str()),
        (Verb::Edited, Some("sad"), "55_9")
    );
    assert_eq!(change("feed", r#"{"item":"like","verb":"add"}"#), ChangeContent::PageLike(Verb::Added));
}

#[test]
fn labels_profile_fields_and_instagrams_changes_are_understood() {
    let label = r#"{"user":{"id":"77"},"action":"add","label":{"id":"5","page_label_name":"VIP"}}"#;
    assert!(matches!(change("inbox_labels", label), ChangeContent::Label(label) if label.is_on));
    assert_eq!(change("phone", r#""+45 1""#), ChangeContent::PageField("phone".into()));

    for id in ["id", "comment_id"] {
        let json = format!(
            r#"{{"{id}":"178","parent_id":"177","text":"nice","from":{{"id":"12","username":"ada"}},
                "media":{{"id":"179","media_product_type":"FEED"}}}}"#
        );
        let ChangeContent::InstagramComment(comment) = change("comments", &json) else { panic!() };
        assert_eq!((comment.comment_id.as_str(), comment.media_id.unwrap().as_str()), ("178", "179"), "{id}");
        assert_eq!(comment.author.unwrap().name.as_deref(), Some("ada"));
    }
    assert!(matches!(
        change("mentions", r#"{"media_id":"179"}"#),
        ChangeContent::InstagramMention(mention) if mention.comment_id.is_none()
    ));
    assert!(matches!(
        change("story_insights", r#"{"media_id":"179","reach":396,"replies":0}"#),
        ChangeContent::StoryInsights(story) if story.reach == Some(396)
    ));
}

#[test]
fn a_change_may_stand_in_the_entry_itself_and_a_message_in_a_change() {
    let flat = decode(&format!(
        r#"{{"id":"{OWNER}","time":1770000000,"field":"comments","value":{{"id":"178","text":"hi","media":{{"id":"179"}}}}}}"#
    ));
    assert!(!flat.not_understood && matches!(&flat.events[..], [Event::Change(_)]), "{flat:?}");
    let wrapped = decode(&format!(
        r#"{{"id":"{OWNER}","time":1770000000,"changes":[{{"field":"messaging_postbacks","value":{{"sender":{{"id":"77"}},
            "recipient":{{"id":"{OWNER}"}},"timestamp":"1527459824","postback":{{"payload":"P"}}}}}}]}}"#
    ));
    let event = only_messaging(wrapped);
    assert_eq!(event.at.timestamp(), 1_527_459_824, "seconds as a text");
}

#[test]
fn what_is_not_understood_is_told_and_keeps_nothing_back() {
    let entry = decode(&format!(
        r#"{{"id":"{OWNER}","time":1770000000500,"messaging":[
            {{"sender":{{"user_ref":"x"}},"message":{{"mid":"m_1"}}}},
            {{"sender":{{"id":"77"}},"a_kind_of_2031":{{}}}},
            {{"sender":{{"id":"77"}},"reaction":{{"mid":"m_1","action":"wave"}}}},
            {{"sender":{{"id":"77"}},"message":{{"mid":"m_2","text":"cut \ud83c"}}}},
            [], 7, null]}}"#
    ));
    assert!(entry.not_understood);
    assert_eq!(entry.events.len(), 1, "{entry:?}");
    for rest in [r#""changes":[]"#, r#""messaging":{}"#, r#""changed_fields":["feed"]"#, r#""other":1"#, r#""uid":"1""#]
    {
        let entry = decode(&format!(r#"{{"id":"{OWNER}","time":1770000000,{rest}}}"#));
        assert!(entry.events.is_empty() && entry.not_understood, "{rest}");
    }
    assert_eq!(decode_entry(OWNER, b"[]", received_at()), Err(Unparseable));
}
