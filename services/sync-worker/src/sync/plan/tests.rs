use pagekeeper_common::domain::ids::{Mid, ThreadId};
use pagekeeper_common::graph::Cursor;

use super::*;

fn page() -> SyncedPage {
    SyncedPage {
        account_id: AccountId::new(1),
        connection_id: ConnectionId::new(2),
        page_id: PageId::parse("100").unwrap(),
        platform: graph::Platform::Messenger,
        own_id: "100".to_owned(),
    }
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000 + second, 0).unwrap()
}

fn participant(id: &str) -> graph::Participant {
    graph::Participant { id: id.to_owned(), name: Some(format!("Name {id}")), username: None }
}

fn message(mid: &str, from: &str, second: i64) -> graph::Message {
    graph::Message {
        id: Mid::parse(mid).unwrap(),
        created_time: Some(at(second)),
        from: Some(participant(from)),
        to: Vec::new(),
        text: Some(format!("text of {mid}")),
        attachments: Vec::new(),
        reactions: Vec::new(),
        reply_to: None,
        story: None,
        is_unsupported: false,
    }
}

fn messages(data: Vec<graph::Message>, after: Option<&str>) -> graph::Page<graph::Message> {
    graph::Page { data, after: after.and_then(Cursor::new), dropped: 0 }
}

fn conversation(thread: &str, psid: &str, second: i64, messages: graph::Page<graph::Message>) -> graph::Conversation {
    graph::Conversation {
        id: ThreadId::parse(thread).unwrap(),
        updated_time: Some(at(second)),
        unread_count: 0,
        message_count: None,
        can_reply: None,
        participants: vec![participant("100"), participant(psid)],
        messages,
    }
}

fn listing(data: Vec<graph::Conversation>, after: Option<&str>) -> graph::Page<graph::Conversation> {
    graph::Page { data, after: after.and_then(Cursor::new), dropped: 0 }
}

fn plan(listing: &graph::Page<graph::Conversation>, bounds: ListingBounds) -> PagePlan {
    plan_conversations(&page(), &RunCursor::default(), listing, bounds, at(1_000))
}

fn read_up_to_of(unread: u32, messages: graph::Page<graph::Message>) -> Option<DateTime<Utc>> {
    let newest =
        messages.data.first().and_then(|message| message.created_time).map_or(0, |time| (time - at(0)).num_seconds());
    let conversation = graph::Conversation { unread_count: unread, ..conversation("t_1", "7", newest, messages) };
    read_up_to(&page(), &conversation)
}

#[test]
fn a_conversation_is_stored_with_its_thread_its_customers_name_and_its_messages() {
    let newest_first = messages(vec![message("m_2", "100", 20), message("m_1", "7", 10)], None);
    let plan = plan(&listing(vec![conversation("t_1", "7", 20, newest_first)], None), ListingBounds::default());
    let PlannedConversation { upsert, messages, .. } = &plan.conversations[0];
    assert_eq!(upsert.psid.as_str(), "7");
    assert_eq!(upsert.thread_id.as_ref().unwrap().as_str(), "t_1");
    assert_eq!(upsert.name, Some(ToldName { told_at: at(20), name: "Name 7".to_owned() }));
    assert_eq!(messages.iter().map(|message| message.from_page).collect::<Vec<_>>(), [true, false]);
    assert_eq!(batch_of(&plan.conversations).message_count(), 2);
    assert_eq!((plan.cursor.conversations, plan.cursor.listed), (1, true));
    assert_eq!(plan.cursor.newest, Some(at(20)));
}

#[test]
fn a_listing_goes_on_until_its_end_its_watermark_or_its_cap() {
    let conversations = || {
        (0..3).map(|n| conversation(&format!("t_{n}"), &format!("7{n}"), 30 - n, messages(Vec::new(), None))).collect()
    };
    let open = plan(&listing(conversations(), Some("next")), ListingBounds::default());
    assert_eq!((open.cursor.listed, open.cursor.after.as_deref()), (false, Some("next")));

    let capped = ListingBounds { most_conversations: Some(3), ..ListingBounds::default() };
    let capped = plan(&listing(conversations(), Some("next")), capped);
    assert_eq!((capped.cursor.listed, capped.cursor.after.as_deref()), (true, Some("next")));

    let known = ListingBounds { watermark: Some(at(29)), ..ListingBounds::default() };
    let known = plan(&listing(conversations(), Some("next")), known);
    assert_eq!((known.cursor.listed, known.conversations.len()), (true, 2), "the watermark's own second is read again");
}

#[test]
fn a_list_that_tells_what_it_told_before_is_known() {
    let told = |text: &str, second| {
        let mut message = message("m_1", "7", second);
        message.text = Some(text.to_owned());
        conversation("t_1", "7", second, messages(vec![message], None))
    };
    let older = || conversation("t_0", "70", 10, messages(vec![message("m_0", "70", 10)], None));
    let before = plan(&listing(vec![told("Hi", 20), older()], None), ListingBounds::default());
    assert!(!before.is_known, "nothing was known");
    let known = ListingBounds {
        watermark: before.cursor.newest,
        known: before.cursor.newest_digest,
        ..ListingBounds::default()
    };
    assert!(known.known.is_some());
    let is_known = |data: Vec<graph::Conversation>| plan(&listing(data, None), known).is_known;
    assert!(is_known(vec![told("Hi", 20), older()]));
    assert!(!is_known(vec![told("Hi there", 20), older()]), "an edited text");
    assert!(!is_known(vec![told("Hi", 21), older()]), "a later time");
    assert!(!is_known(vec![older()]), "the newest is gone");
    let another = conversation("t_2", "72", 20, messages(vec![message("m_2", "72", 20)], None));
    assert!(!is_known(vec![told("Hi", 20), another, older()]), "one more of the same second");
    let mut reacted = told("Hi", 20);
    reacted.messages.data[0].reactions =
        vec![graph::MessageReaction { emoji: "❤".to_owned(), user_ids: vec!["7".to_owned()] }];
    assert!(!is_known(vec![reacted, older()]), "a reaction");
    let mut untimed = told("Hi", 20);
    untimed.updated_time = None;
    assert!(!is_known(vec![told("Hi", 20), untimed, older()]), "one without a time");
}

#[test]
fn a_conversation_with_more_messages_is_remembered_unless_the_rest_is_known() {
    let long = || vec![conversation("t_1", "7", 20, messages(vec![message("m_2", "7", 20)], Some("older")))];
    let first = plan(&listing(long(), None), ListingBounds::default());
    let older = &first.cursor.older[0];
    assert_eq!((older.thread_id.as_str(), older.psid.as_str(), older.after.as_str()), ("t_1", "7", "older"));
    let gap = ListingBounds { watermark: Some(at(15)), ..ListingBounds::default() };
    assert_eq!(plan(&listing(long(), None), gap).cursor.older.len(), 1);

    let with_known = vec![message("m_2", "7", 20), message("m_1", "7", 10)];
    let no_gap = vec![conversation("t_1", "7", 20, messages(with_known, Some("older")))];
    assert!(plan(&listing(no_gap, None), gap).cursor.older.is_empty());
}

#[test]
fn older_messages_are_followed_to_their_end() {
    let older = |after: &str| OlderMessages {
        thread_id: ThreadId::parse("t_1").unwrap(),
        psid: "7".to_owned(),
        after: after.to_owned(),
        circle: CircleGuard::default(),
    };
    let cursor = RunCursor { older: vec![older("a")], ..RunCursor::default() };
    let half = plan_older_messages(
        &page(),
        &cursor,
        &older("a"),
        &messages(vec![message("m_1", "7", 1)], Some("b")),
        None,
        at(1_000),
    );
    assert_eq!((half.cursor.older.len(), half.cursor.older[0].after.as_str(), half.is_circle), (1, "b", false));
    assert_eq!((half.conversations[0].messages.len(), half.cursor.messages), (1, 1));
    let end = plan_older_messages(
        &page(),
        &half.cursor,
        &older("b"),
        &messages(vec![message("m_0", "7", 0)], None),
        None,
        at(1_000),
    );
    assert!(end.cursor.older.is_empty());
}

#[test]
fn a_list_that_leads_back_is_begun_anew_and_told() {
    let conversations = || vec![conversation("t_1", "7", 20, messages(vec![], None))];
    let cursors = ["a", "b", "c", "a", "b", "c", "a", "b", "c"];
    let mut cursor = RunCursor::default();
    let circle = cursors.iter().find_map(|after| {
        let plan = plan_conversations(
            &page(),
            &cursor,
            &listing(conversations(), Some(after)),
            ListingBounds::default(),
            at(1_000),
        );
        cursor = plan.cursor;
        plan.is_circle.then_some(cursor.clone())
    });
    let anew = circle.unwrap();
    assert_eq!((anew.after, anew.listed, anew.circle), (None, false, CircleGuard::default()));
}

#[test]
fn what_cannot_be_addressed_or_has_no_time_is_left_out() {
    let mut only_the_page = conversation("t_1", "7", 20, messages(vec![message("m_1", "7", 20)], None));
    only_the_page.participants.truncate(1);
    let mut timeless = message("m_2", "7", 20);
    timeless.created_time = None;
    let conversations = vec![only_the_page, conversation("t_2", "8", 20, messages(vec![timeless], None))];
    let plan = plan(&listing(conversations, None), ListingBounds::default());
    assert_eq!((plan.conversations.len(), plan.conversations[0].messages.len()), (1, 0));
}

#[test]
fn a_sender_who_is_gone_is_told_from_the_page_by_the_receiver() {
    let mut from_customer = message("m_1", "7", 20);
    from_customer.from = None;
    from_customer.to = vec![participant("100")];
    let mut from_page = from_customer.clone();
    from_page.to = vec![participant("7")];
    assert!(!is_from_page(&page(), &from_customer));
    assert!(is_from_page(&page(), &from_page));
}

#[test]
fn what_is_unread_at_meta_is_unread_here() {
    let thread = || messages(vec![message("m_3", "7", 30), message("m_2", "7", 20), message("m_1", "7", 10)], None);
    assert_eq!(read_up_to_of(0, thread()), Some(at(30)));
    assert_eq!(read_up_to_of(1, thread()), Some(at(30) - TimeDelta::microseconds(1)));
    assert_eq!(read_up_to_of(2, thread()), Some(at(20) - TimeDelta::microseconds(1)));
    assert_eq!(read_up_to_of(9, thread()), None, "all of it is unread");
    let part = messages(vec![message("m_3", "7", 30)], Some("older"));
    assert_eq!(read_up_to_of(9, part), Some(at(30) - TimeDelta::microseconds(1)), "what came stands for all");
    let silent = ListingBounds::default();
    let later = plan(&listing(vec![conversation("t_1", "7", 30, thread())], None), silent);
    assert_eq!(later.conversations[0].upsert.read_up_to, None);
}

#[test]
fn a_page_of_messages_stands_for_its_part_of_the_thread() {
    let newest_first = || vec![message("m_3", "100", 30), message("m_2", "7", 20), message("m_1", "7", 10)];
    let newest = conversation("t_1", "7", 30, messages(newest_first(), Some("older")));
    let newest = plan(&listing(vec![newest], None), ListingBounds::default());
    let listed = newest.conversations[0].listed.clone().unwrap();
    assert_eq!((listed.from, listed.to, listed.mids.len()), (at(11), at(1_000), 3), "nothing is newer");
    let older = OlderMessages {
        thread_id: ThreadId::parse("t_1").unwrap(),
        psid: "7".to_owned(),
        after: "a".to_owned(),
        circle: CircleGuard::default(),
    };
    let part = |messages| {
        let plan = plan_older_messages(&page(), &RunCursor::default(), &older, &messages, None, at(1_000));
        plan.conversations[0].listed.clone()
    };
    let listed = part(messages(newest_first(), Some("b"))).unwrap();
    assert_eq!((listed.from, listed.to), (at(11), at(30)), "neither end's second is whole");
    let listed = part(messages(newest_first(), None)).unwrap();
    assert_eq!((listed.from, listed.to), (at(10), at(30)), "nothing comes after");
    let first = OlderMessages { after: String::new(), ..older.clone() };
    let first =
        plan_older_messages(&page(), &RunCursor::default(), &first, &messages(newest_first(), None), None, at(1_000));
    assert_eq!(first.conversations[0].listed.as_ref().unwrap().to, at(1_000), "from the newest message on");
    let mut timeless = newest_first();
    timeless[1].created_time = None;
    assert_eq!(part(messages(timeless, None)), None);
    assert_eq!(part(graph::Page { dropped: 1, ..messages(newest_first(), None) }), None);
}

#[test]
fn reactions_replies_and_stickers_come_with_a_listing() {
    let mut liked = message("m_1", "7", 10);
    liked.reactions =
        vec![graph::MessageReaction { emoji: "❤".to_owned(), user_ids: vec!["100".to_owned(), "7".to_owned()] }];
    liked.reply_to = Some(Mid::parse("m_0").unwrap());
    let thread = conversation("t_1", "7", 30, messages(vec![liked], None));
    let plan = plan(&listing(vec![thread], None), ListingBounds::default());
    let PlannedConversation { messages, listed, .. } = &plan.conversations[0];
    assert_eq!(messages[0].reply_to_mid.as_ref().unwrap().as_str(), "m_0");
    let listed = listed.as_ref().unwrap();
    assert_eq!(listed.reactions.iter().map(|reaction| reaction.from_page).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_message_without_details_is_old_or_was_taken_back() {
    let bare = |mid: &str, second| graph::Message { from: None, text: None, ..message(mid, "7", second) };
    let told = |thread: Vec<graph::Message>| {
        let thread = conversation("t_1", "7", 100, messages(thread, None));
        let mut plan = plan(&listing(vec![thread], None), ListingBounds::default());
        plan.conversations.remove(0)
    };
    let mut thread: Vec<_> = (0..25).map(|back| message(&format!("m_{back}"), "7", 100 - back)).collect();
    thread[3] = bare("m_3", 97);
    thread[24] = bare("m_24", 76);
    let PlannedConversation { messages, listed, .. } = told(thread);
    let listed = listed.unwrap();
    assert_eq!((messages.len(), listed.mids.len(), listed.from), (24, 24, at(76)));
    assert!(listed.mids.iter().all(|mid| mid.as_str() != "m_3"), "taken back");
    assert_eq!(listed.detailed.len(), 23, "what has no details says nothing of reactions");

    let undetailed = told(vec![bare("m_1", 100), bare("m_0", 99)]);
    assert_eq!(undetailed.messages.len(), 2, "Facebook tells no details at all");
}
