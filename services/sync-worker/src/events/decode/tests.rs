use proptest::prelude::*;

use super::*;

const PAGE: &str = "1134713619900975";

fn page() -> PageId {
    PageId::parse(PAGE).unwrap()
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

#[test]
fn what_is_not_a_message_is_kept_and_keeps_nothing_back() {
    let decoded = decode(&format!(
        r#"{{"id":"{PAGE}","time":1770000000500,"messaging":[
            {{"sender":{{"id":"77"}},"recipient":{{"id":"{PAGE}"}},"timestamp":1,"read":{{"watermark":1458668856253}}}},
            {{"sender":{{"id":"77"}},"recipient":{{"id":"{PAGE}"}},"timestamp":1770000000123,"message":{{"mid":"m_1","text":"hi"}}}},
            {{"recipient":{{"id":"{PAGE}"}},"policy_enforcement":{{"action":"warning"}}}},
            [], 7, null]}}"#
    ));
    assert_eq!(decoded.messages.len(), 1);
    assert!(decoded.not_understood);
}

#[test]
fn other_fields_of_an_entry_are_not_understood() {
    for rest in [
        r#""changes":[{"field":"feed","value":{}}]"#,
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
    for message in [
        r#"{"text":"no id"}"#,
        r#"{"mid":"","text":"empty id"}"#,
        r#"{"mid":{"a":1}}"#,
        r#"{"mid":"m_1","is_deleted":true}"#,
        "null",
        "[]",
    ] {
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
