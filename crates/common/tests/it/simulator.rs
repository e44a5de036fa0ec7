//! The client against the simulated Facebook: a login, all Pages, a whole sync, and what can go wrong. (A1, A2, G1)

use std::num::NonZeroU32;

use pagekeeper_common::domain::ids::{PageId, Psid};
use pagekeeper_common::domain::token::AccessToken;
use pagekeeper_common::graph::{
    CodeFault, ContainerStatus, ConversationsRequest, Cursor, CustomLabel, Decision, GraphAuth, GraphClient,
    ManagedPage, MessageContent, MessageTag, ModerationAction, NewContainer, NewMessage, PageUpdate, PermissionStatus,
    Platform, Profile, Recipient, SenderAction, TokenDeath, TokenExpiry,
};
use pagekeeper_graph_sim::{GraphSim, RunningSim, SimConfig};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::fake::config;

const REDIRECT_URI: &str = "http://localhost:8080/social/facebook/callback";

/// One simulated Facebook, and a client of its app.
struct Facebook {
    sim: RunningSim,
    client: GraphClient,
    http: reqwest::Client,
}

impl Facebook {
    async fn start() -> Self {
        let sim =
            GraphSim::start(SimConfig { require_appsecret_proof: true, enforce_limits: false, ..SimConfig::default() })
                .await
                .unwrap();
        let mut config = config(sim.base_url());
        sim.app_id().clone_into(&mut config.app_id);
        config.app_secret = SecretString::from(sim.app_secret());
        config.timeout_ms = 20_000;
        let http = reqwest::Client::builder().build().unwrap();
        Self { client: GraphClient::new(&config).unwrap(), http, sim }
    }

    async fn control(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let url = format!("{}/_sim/{path}", self.sim.base_url());
        let response = self.http.request(method, url).json(&body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// What the browser comes back with.
    async fn approve(&self, person: &str, decline: &[&str]) -> String {
        let scopes: Vec<String> = [
            "public_profile",
            "email",
            "pages_show_list",
            "pages_read_engagement",
            "pages_messaging",
            "pages_manage_metadata",
            "business_management",
            "instagram_basic",
            "instagram_content_publish",
            "instagram_manage_insights",
            "instagram_manage_messages",
        ]
        .into_iter()
        .map(str::to_owned)
        .collect();
        let dialog = pagekeeper_common::graph::LoginDialog {
            redirect_uri: REDIRECT_URI,
            state: "the-state",
            scopes: &scopes,
            rerequest: true,
        };
        let body = json!({ "login_url": self.client.login_url(&dialog), "person": person, "decline": decline });
        let answer = self.control(reqwest::Method::POST, "oauth/approve", body).await;
        let url = url::Url::parse(answer.get("redirect_url").and_then(Value::as_str).unwrap()).unwrap();
        let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_eq!(value("state").as_deref(), Some("the-state"));
        value("code").unwrap()
    }

    async fn log_in(&self, person: &str, decline: &[&str]) -> GraphAuth {
        let code = self.approve(person, decline).await;
        let short = self.client.exchange_code(&code, REDIRECT_URI).await.unwrap().value;
        let long = self.client.exchange_for_long_lived(&short.token).await.unwrap().value;
        self.client.auth(&long.token)
    }

    async fn pages_of(&self, person: &str, decline: &[&str]) -> Vec<ManagedPage> {
        let auth = self.log_in(person, decline).await;
        self.client.managed_pages(&auth, false).await.unwrap().value.pages
    }

    /// The Page with the most conversations among Linh's, with its token.
    async fn busy_page(&self) -> (PageId, GraphAuth, AccessToken) {
        let page = self.pages_of("Linh Trần", &[]).await.into_iter().next().unwrap();
        let token = page.token.unwrap();
        (page.id, self.client.auth(&token), token)
    }

    async fn fault(&self, path: &str, effect: Value) {
        self.control(reqwest::Method::POST, "faults", json!({ "path": path, "times": 1, "effect": effect })).await;
    }
}

#[tokio::test]
async fn a_login_gives_a_long_lived_token_and_who_the_person_is() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let code = facebook.approve("Linh Trần", &["email"]).await;
    let short = client.exchange_code(&code, REDIRECT_URI).await.unwrap().value;
    let long = client.exchange_for_long_lived(&short.token).await.unwrap().value;
    let auth = client.auth(&long.token);

    let info = client.debug_token(&long.token).await.unwrap().value;
    assert!(info.is_valid && matches!(info.expires_at, TokenExpiry::At(_)) && info.data_access_expires_at.is_some());
    assert_eq!(info.app_id.as_deref(), Some(client.app_id()));
    assert!(info.scopes.iter().any(|scope| scope == "pages_messaging"));
    let me = client.me(&auth).await.unwrap().value;
    assert_eq!((me.name.as_deref(), me.email), (Some("Linh Trần"), None));
    assert_eq!(info.user_id, Some(me.id));
    let permissions = client.permissions(&auth).await.unwrap().value;
    let email = permissions.iter().find(|permission| permission.name == "email").unwrap();
    assert_eq!(email.status, PermissionStatus::Declined);

    let again = client.exchange_code(&code, REDIRECT_URI).await.unwrap_err();
    assert_eq!(again.decision, Decision::CodeRejected(CodeFault::Used));
    let code = facebook.approve("Linh Trần", &[]).await;
    let elsewhere = client.exchange_code(&code, "http://localhost:8080/other").await.unwrap_err();
    assert_eq!(elsewhere.decision, Decision::CodeRejected(CodeFault::RedirectMismatch));
}

#[tokio::test]
async fn all_pages_are_found_once_each_also_the_one_that_a_business_gives() {
    let facebook = Facebook::start().await;
    let names = |pages: &[ManagedPage]| pages.iter().filter_map(|page| page.name.clone()).collect::<Vec<_>>();
    let pages = facebook.pages_of("Linh Trần", &[]).await;
    assert_eq!(names(&pages), ["Phở Nhà Linh", "Smørrebrød & Søn", "Bánh Mì Express"]);
    assert!(pages.iter().all(|page| page.token.is_some() && page.tasks.iter().any(|task| task == "MESSAGING")));
    let without_business = facebook.pages_of("Linh Trần", &["business_management"]).await;
    assert_eq!(names(&without_business), ["Phở Nhà Linh", "Smørrebrød & Søn"]);
    let without_fields = facebook.pages_of("Linh Trần", &["pages_read_engagement"]).await;
    assert_eq!(names(&without_fields).len(), 3, "what was declined does not hide a Page");

    assert!(facebook.pages_of("Noah Pedersen", &[]).await.is_empty());
    let without_task = facebook.pages_of("Mia Østergaard", &[]).await;
    assert_eq!(without_task.len(), 1);
    assert!(without_task.iter().flat_map(|page| &page.tasks).all(|task| task != "MESSAGING" && task != "MODERATE"));
}

#[tokio::test]
async fn a_page_is_read_and_subscribed() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let (page, auth, token) = facebook.busy_page().await;
    let details = client.page_details(&auth, &page, false).await.unwrap().value;
    assert_eq!((details.id.clone(), details.name.as_deref()), (page.clone(), Some("Phở Nhà Linh")));
    let picture = client.picture(&details.picture_url.unwrap()).await.unwrap();
    assert!(!picture.bytes.is_empty());
    assert_eq!(client.debug_token(&token).await.unwrap().value.expires_at, TokenExpiry::Never);

    assert_eq!(client.page_subscription(&auth, &page).await.unwrap().value, None);
    client.subscribe_page(&auth, &page, &["messages", "message_echoes"]).await.unwrap();
    let fields = client.page_subscription(&auth, &page).await.unwrap().value.unwrap();
    assert_eq!(fields, ["messages", "message_echoes"]);
    client.unsubscribe_page(&auth, &page).await.unwrap();
    assert_eq!(client.page_subscription(&auth, &page).await.unwrap().value, None);
}

#[tokio::test]
async fn a_whole_page_is_synced_and_each_call_is_counted_as_facebook_counts() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let (page, auth, _) = facebook.busy_page().await;
    facebook.control(reqwest::Method::DELETE, "calls", json!({})).await;

    let (mut calls, mut conversations, mut after): (u32, Vec<_>, Option<Cursor>) = (0, Vec::new(), None);
    loop {
        let request =
            ConversationsRequest { platform: Platform::Messenger, limit: 25, messages: 5, after: after.as_ref() };
        let answer = client.conversations(&auth, &page, request).await.unwrap();
        calls += answer.calls;
        assert_eq!(answer.value.dropped, 0);
        conversations.extend(answer.value.data);
        after = answer.value.after;
        if after.is_none() {
            break;
        }
    }
    let mut ids: Vec<_> = conversations.iter().map(|conversation| conversation.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), conversations.len()), (60, 60));

    for conversation in &conversations {
        let mut messages = conversation.messages.data.len();
        let mut after = conversation.messages.after.clone();
        while let Some(cursor) = after {
            let older = client
                .conversation_messages(&auth, Platform::Messenger, &conversation.id, 10, Some(&cursor))
                .await
                .unwrap();
            calls += older.calls;
            messages += older.value.data.len();
            after = older.value.after;
        }
        assert_eq!(messages, conversation.message_count.unwrap() as usize);
        assert!(conversation.updated_time.is_some() && conversation.messages.data[0].created_time.is_some());
    }

    let psids: Vec<Psid> = conversations
        .iter()
        .map(|conversation| Psid::parse(conversation.customer(page.as_str()).unwrap().id.clone()).unwrap())
        .collect();
    let profiles = client.profiles(&auth, Platform::Messenger, &psids).await.unwrap();
    calls += profiles.calls;
    // Some people have shared no name, and of some the app may not see the profile.
    let named = |profile: &Profile| profile.name.is_some();
    let names = profiles.value.iter().filter(|profile| profile.as_ref().is_ok_and(named)).count();
    assert!(names > 30, "{names} of {}", psids.len());
    assert!(profiles.value.iter().all(|profile| match profile {
        Ok(_) => true,
        Err(error) => matches!(error.decision, Decision::PermissionMissing | Decision::Gone),
    }));

    let counts = facebook.control(reqwest::Method::GET, "calls/counts", json!({})).await;
    assert_eq!(counts["total"], calls, "{counts}");
}

#[tokio::test]
async fn a_token_that_dies_says_why() {
    let facebook = Facebook::start().await;
    for (reason, expected) in [
        ("password_changed", Decision::TokenDead(TokenDeath::PasswordChanged)),
        ("app_removed", Decision::TokenDead(TokenDeath::AppRemoved)),
        ("role_lost", Decision::TokenDead(TokenDeath::RoleLost)),
        ("checkpoint", Decision::TokenDead(TokenDeath::Checkpoint)),
        ("expired", Decision::TokenExpired),
        ("logged_out", Decision::TokenDead(TokenDeath::LoggedOut)),
    ] {
        let (page, auth, token) = facebook.busy_page().await;
        let body = json!({ "access_token": token.expose(), "reason": reason });
        facebook.control(reqwest::Method::POST, "tokens/kill", body).await;
        let error = facebook.client.page_details(&auth, &page, false).await.unwrap_err();
        assert_eq!(error.decision, expected, "{reason}");
        let info = facebook.client.debug_token(&token).await.unwrap().value;
        assert_eq!((info.is_valid, info.failure), (false, Some(expected)), "{reason}");
    }
}

#[tokio::test]
async fn a_call_with_another_apps_secret_is_refused_for_its_proof() {
    let facebook = Facebook::start().await;
    let (page, _, token) = facebook.busy_page().await;
    let stranger = GraphClient::new(&config(facebook.sim.base_url())).unwrap();
    let error = stranger.page_details(&stranger.auth(&token), &page, false).await.unwrap_err();
    assert_eq!(error.decision, Decision::AppSecretProof);
}

#[tokio::test]
async fn simulated_faults_become_decisions() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let (page, auth, _) = facebook.busy_page().await;
    let request = ConversationsRequest { platform: Platform::Messenger, limit: 50, messages: 25, after: None };
    for (effect, expected) in [
        (json!("reduce_data"), Decision::HalveLimit),
        (json!("html"), Decision::Transient),
        (
            json!({ "error": { "status": 400, "code": 613 } }),
            Decision::Throttled { scope: pagekeeper_common::graph::ThrottleScope::Endpoint, retry_after: None },
        ),
        (json!({ "error": { "status": 400, "code": 190, "subcode": 463, "is_transient": true } }), Decision::Transient),
    ] {
        facebook.fault("/conversations", effect.clone()).await;
        let error = client.conversations(&auth, &page, request).await.unwrap_err();
        let same = match (error.decision, expected) {
            (Decision::Throttled { scope, .. }, Decision::Throttled { scope: expected, .. }) => scope == expected,
            (decision, expected) => decision == expected,
        };
        assert!(same, "{effect}: {error}");
    }
    for effect in ["truncate", "reset_before", "reset_after", "empty"] {
        facebook.fault("/conversations", json!(effect)).await;
        let error = client.conversations(&auth, &page, request).await.unwrap_err();
        assert!(error.decision.is_worth_retrying(), "{effect}: {error}");
    }
    client.conversations(&auth, &page, request).await.unwrap();
}

#[tokio::test]
async fn a_missing_batch_item_fails_no_other() {
    let facebook = Facebook::start().await;
    let (page, auth, _) = facebook.busy_page().await;
    let request = ConversationsRequest { platform: Platform::Messenger, limit: 3, messages: 1, after: None };
    let conversations = facebook.client.conversations(&auth, &page, request).await.unwrap().value.data;
    let psids: Vec<Psid> = conversations
        .iter()
        .map(|conversation| Psid::parse(conversation.customer(page.as_str()).unwrap().id.clone()).unwrap())
        .collect();
    facebook.fault(psids[1].as_str(), json!("null_item")).await;
    let outcomes = facebook.client.profiles(&auth, Platform::Messenger, &psids).await.unwrap().value;
    assert_eq!(outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(outcomes[1].as_ref().unwrap_err().decision, Decision::Transient);
}

#[tokio::test]
async fn an_answer_is_sent_once_and_is_the_newest_message_of_its_thread() {
    let facebook = Facebook::start().await;
    let (page, auth, _) = facebook.busy_page().await;
    let written = json!({ "customer_name": "Ada L", "text": "Are you there?" });
    let written = facebook.control(reqwest::Method::POST, &format!("pages/{page}/messages"), written).await;
    let customer = Psid::parse(written["psid"].as_str().unwrap()).unwrap();
    let message = |text: &str| NewMessage {
        recipient: Recipient::Customer(customer.clone()),
        content: MessageContent::Text { text: text.to_owned(), quick_replies: Vec::new() },
        tag: None,
        reply_to: None,
        metadata: Some("reply:1".to_owned()),
    };
    let newest = async || {
        let request = ConversationsRequest { platform: Platform::Messenger, limit: 1, messages: 1, after: None };
        let list = facebook.client.conversations(&auth, &page, request).await.unwrap().value;
        list.data[0].messages.data[0].clone()
    };

    let sent = facebook.client.send_message(&auth, &page, &message("Yes, until 18.")).await.unwrap();
    assert_eq!((sent.calls, sent.value.recipient.as_ref()), (1, Some(&customer)));
    let shown = newest().await;
    assert_eq!((&shown.id, shown.text.as_deref()), (&sent.value.mid, Some("Yes, until 18.")));
    facebook.client.send_action(&auth, &page, &customer, &SenderAction::MarkSeen).await.unwrap();

    // Meta does it and answers with an error: only a look at the thread tells.
    let effect = json!({ "error": { "status": 500, "code": 2, "is_transient": true, "applied": true } });
    facebook.fault("messages", effect).await;
    let doubtful = facebook.client.send_message(&auth, &page, &message("Come by!")).await.unwrap_err();
    assert!(doubtful.decision.leaves_a_write_in_doubt());
    assert_eq!(newest().await.text.as_deref(), Some("Come by!"));

    facebook.control(reqwest::Method::POST, "clock/advance", json!({ "seconds": 86_400 })).await;
    let closed = facebook.client.send_message(&auth, &page, &message("Still there?")).await.unwrap_err();
    assert_eq!(closed.decision, Decision::WindowClosed);
    let human = NewMessage { tag: Some(MessageTag::HumanAgent), ..message("Sorry for the wait") };
    facebook.client.send_message(&auth, &page, &human).await.unwrap();
}

#[tokio::test]
async fn labels_and_moderation_reach_the_customer() {
    let facebook = Facebook::start().await;
    let (page, auth, _) = facebook.busy_page().await;
    let client = &facebook.client;
    let request = ConversationsRequest { platform: Platform::Messenger, limit: 1, messages: 1, after: None };
    let list = client.conversations(&auth, &page, request).await.unwrap().value;
    let customer = Psid::parse(list.data[0].customer(page.as_str()).unwrap().id.clone()).unwrap();

    let label = client.create_label(&auth, &page, "VIP").await.unwrap().value;
    client.give_label(&auth, &label, &customer).await.unwrap();
    client.give_label(&auth, &label, &customer).await.unwrap();
    let given = client.labels_of(&auth, &customer, None).await.unwrap().value.data;
    assert_eq!(given, [CustomLabel { id: label.clone(), name: Some("VIP".to_owned()) }]);
    client.take_label(&auth, &label, &customer).await.unwrap();
    assert!(client.labels_of(&auth, &customer, None).await.unwrap().value.data.is_empty());
    client.delete_label(&auth, &label).await.unwrap();
    assert!(client.labels(&auth, &page, None).await.unwrap().value.data.is_empty());
    assert_eq!(client.delete_label(&auth, &label).await.unwrap_err().decision, Decision::Gone);

    let both = [ModerationAction::BlockUser, ModerationAction::UnblockUser];
    let error = client.moderate(&auth, &page, std::slice::from_ref(&customer), &both).await.unwrap_err();
    assert_eq!(error.decision, Decision::BadRequest);
    client.moderate(&auth, &page, std::slice::from_ref(&customer), &[ModerationAction::MoveToSpam]).await.unwrap();
    let customers = facebook.control(reqwest::Method::GET, &format!("pages/{page}/customers"), json!({})).await;
    let shown = customers.as_array().unwrap().iter().find(|one| one["psid"] == customer.as_str()).unwrap();
    assert_eq!((&shown["spam"], &shown["blocked"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn a_comment_under_a_post_is_answered_privately_once() {
    let facebook = Facebook::start().await;
    let (page, auth, _) = facebook.busy_page().await;
    let client = &facebook.client;
    let twenty = NonZeroU32::new(20).unwrap();
    let (mut posts, mut after) = (Vec::new(), None);
    loop {
        let answer = client.published_posts(&auth, &page, twenty, after.as_ref()).await.unwrap().value;
        posts.extend(answer.data);
        after = answer.after;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(posts.len(), 40);
    assert!(posts.iter().any(|post| post.engagement.likes > 0 && post.engagement.shares > 0));
    let post = &posts[0].id;
    let commented = json!({ "customer_name": "Ada L", "text": "How much is it?" });
    facebook.control(reqwest::Method::POST, &format!("pages/{page}/posts/{post}/comments"), commented).await;
    let comment = client.comments(&auth, post, twenty, None).await.unwrap().value.data.remove(0);
    assert_eq!((comment.author_name.as_deref(), comment.can_reply_privately), (Some("Ada L"), true));
    assert_eq!(client.post(&auth, post).await.unwrap().value.engagement.comments, 1);

    let reply = NewMessage {
        recipient: Recipient::CommentedBy(comment.id),
        content: MessageContent::Text { text: "Let us talk here".to_owned(), quick_replies: Vec::new() },
        tag: None,
        reply_to: None,
        metadata: None,
    };
    let sent = client.send_message(&auth, &page, &reply).await.unwrap().value;
    assert!(sent.recipient.is_some(), "the comment's writer is a customer now");
    let again = client.send_message(&auth, &page, &reply).await.unwrap_err();
    assert!(!again.decision.leaves_a_write_in_doubt(), "{again:?}");
}

#[tokio::test]
async fn a_picture_is_published_on_instagram_once() {
    let facebook = Facebook::start().await;
    let (page, auth, _) = facebook.busy_page().await;
    let client = &facebook.client;
    let account = client.page_details(&auth, &page, true).await.unwrap().value.instagram.unwrap().id;
    let profile = client.instagram_profile(&auth, &account).await.unwrap().value;
    assert_eq!((profile.username.as_deref(), profile.media), (Some("pho.nha.linh"), Some(30)));

    let address = "https://example.com/a.jpg".to_owned();
    let image = NewContainer::Image { image_url: address, caption: Some("New menu".to_owned()), alt_text: None };
    let container = client.create_container(&auth, &account, &image).await.unwrap().value;
    let early = client.publish_container(&auth, &account, &container).await.unwrap_err();
    assert_eq!(early.decision, Decision::NotReady);
    facebook.control(reqwest::Method::POST, "clock/advance", json!({ "seconds": 3 })).await;
    assert_eq!(client.container_status(&auth, &container).await.unwrap().value, ContainerStatus::Finished);

    // Meta publishes it and answers with an error: the container tells.
    let effect = json!({ "error": { "status": 500, "code": 2, "is_transient": true, "applied": true } });
    facebook.fault("media_publish", effect).await;
    let doubtful = client.publish_container(&auth, &account, &container).await.unwrap_err();
    assert!(doubtful.decision.leaves_a_write_in_doubt());
    assert_eq!(client.container_status(&auth, &container).await.unwrap().value, ContainerStatus::Published);
    let ten = NonZeroU32::new(10).unwrap();
    let newest = client.instagram_media(&auth, &account, ten, None).await.unwrap().value.data.remove(0);
    assert_eq!(newest.caption.as_deref(), Some("New menu"));
    assert!(client.media_insights(&auth, &newest.id, &["reach"]).await.unwrap().value.is_empty());
    let quota = client.publishing_quota(&auth, &account).await.unwrap().value.unwrap();
    assert_eq!((quota.used, quota.total), (1, Some(50)));
}

#[tokio::test]
async fn instagram_direct_is_read_and_answered_through_the_page() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let (page, auth, _) = facebook.busy_page().await;
    let account = client.page_details(&auth, &page, true).await.unwrap().value.instagram.unwrap().id;
    let path = format!("pages/{}/messages", account.as_str());
    let body = json!({ "customer_name": "Ada Lovelace", "text": "Is it vegan?", "count": 22 });
    facebook.control(reqwest::Method::POST, &path, body).await;

    let request = ConversationsRequest { platform: Platform::Instagram, limit: 1, messages: 25, after: None };
    let list = client.conversations(&auth, &page, request).await.unwrap().value;
    let conversation = &list.data[0];
    let customer = conversation.customer(account.as_str()).unwrap();
    assert!(customer.username.as_deref().unwrap().starts_with("adalovelace."));
    let messages = &conversation.messages.data;
    let detailed = messages.iter().filter(|message| message.text.is_some() && message.from.is_some()).count();
    assert_eq!((messages.len(), detailed), (22, 20), "Instagram tells no more");

    let igsid = Psid::parse(customer.id.clone()).unwrap();
    let profiles = client.profiles(&auth, Platform::Instagram, std::slice::from_ref(&igsid)).await.unwrap().value;
    assert_eq!(profiles[0].as_ref().unwrap().name.as_deref(), Some("Ada Lovelace"));
    let answer = NewMessage {
        recipient: Recipient::Customer(igsid.clone()),
        content: MessageContent::Text { text: "All of it".to_owned(), quick_replies: Vec::new() },
        tag: None,
        reply_to: None,
        metadata: Some("42".to_owned()),
    };
    let sent = client.send_message(&auth, &page, &answer).await.unwrap().value;
    let again = client.conversations(&auth, &page, request).await.unwrap().value;
    assert_eq!(again.data[0].messages.data[0].id, sent.mid);
    facebook.control(reqwest::Method::POST, "clock/advance", json!({ "seconds": 25 * 3_600 })).await;
    let late = client.send_message(&auth, &page, &answer).await.unwrap_err();
    assert_eq!(late.decision, Decision::WindowClosed);
    let human = NewMessage { tag: Some(MessageTag::HumanAgent), ..answer };
    client.send_message(&auth, &page, &human).await.unwrap();
}

#[tokio::test]
async fn a_page_is_updated_unpublished_and_its_owner_goes() {
    let facebook = Facebook::start().await;
    let client = &facebook.client;
    let (page, auth, token) = facebook.busy_page().await;
    let update = PageUpdate { about: Some("Phở since 1998".to_owned()), website: Some(String::new()), phone: None };
    client.update_page(&auth, &page, &update).await.unwrap();
    let unfit = PageUpdate { phone: Some("call me".to_owned()), ..PageUpdate::default() };
    assert_eq!(client.update_page(&auth, &page, &unfit).await.unwrap_err().decision, Decision::BadRequest);
    facebook.control(reqwest::Method::PATCH, &format!("pages/{page}"), json!({ "published": false })).await;
    let details = client.page_details(&auth, &page, false).await.unwrap().value;
    assert_eq!((details.about.as_deref(), details.website), (Some("Phở since 1998"), None));
    assert!(details.phone.is_some() && !details.is_published);

    let person = "people/Linh%20Tr%E1%BA%A7n";
    facebook.control(reqwest::Method::PATCH, person, json!({ "data_access_expires_in": 0 })).await;
    let lapsed = client.page_details(&auth, &page, false).await.unwrap_err();
    assert_eq!(lapsed.decision, Decision::PermissionMissing);
    let info = client.debug_token(&token).await.unwrap().value;
    assert!(info.is_valid && info.data_access_expires_at.unwrap() <= chrono::Utc::now(), "the second clock tells why");
    facebook.control(reqwest::Method::POST, &format!("{person}/remove_app"), json!({})).await;
    let gone = client.page_details(&auth, &page, false).await.unwrap_err();
    assert_eq!(gone.decision, Decision::TokenDead(TokenDeath::AppRemoved));
}
