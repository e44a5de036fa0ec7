//! Pages of a person, by role and by Business, and a Page's details. (A1, A9, C1)

use pagekeeper_common::domain::ids::PageId;
use pagekeeper_common::graph::{Decision, PageList, PageUpdate};

use crate::fake::{FakeGraph, Reply};

const ACCOUNTS: &str = r#"{"data":[
  {"access_token":"EAApage1","category":"Internet Company","category_list":[{"id":"2256","name":"Internet Company"}],
   "name":"Café Nord","id":"926554251020729","tasks":["ANALYZE","ADVERTISE","MESSAGING","MODERATE","CREATE_CONTENT","MANAGE"],
   "picture":{"data":{"height":50,"is_silhouette":false,"url":"https:\/\/scontent.example\/p.jpg","width":50}},
   "instagram_business_account":{"id":"17841405822304914","username":"cafenord"}},
  {"name":"Only looking","id":1122334455,"tasks":["PROFILE_PLUS_ANALYZE"]},
  {"name":"no id"}],
 "paging":{"cursors":{"before":"OTI2","after":"MTEy"}}}"#;

#[tokio::test]
async fn the_documented_list_of_pages_is_read() {
    let graph = FakeGraph::start([Reply::json(ACCOUNTS)]).await;
    let answer = graph.client.accounts(&graph.auth(), true, None).await.unwrap();
    assert_eq!((answer.calls, answer.value.after.is_none(), answer.value.dropped), (1, true, 1));
    let page = &answer.value.data[0];
    assert_eq!((page.id.as_str(), page.name.as_deref()), ("926554251020729", Some("Café Nord")));
    assert_eq!(page.token.as_ref().unwrap().expose(), "EAApage1");
    assert_eq!((page.tasks.len(), page.picture_url.as_deref()), (6, Some("https://scontent.example/p.jpg")));
    assert_eq!(page.instagram.as_ref().unwrap().username.as_deref(), Some("cafenord"));
    let looking = &answer.value.data[1];
    assert_eq!((looking.id.as_str(), looking.token.is_none()), ("1122334455", true));

    let asked = graph.asked_once();
    asked.assert_authorized();
    assert_eq!((asked.path.as_str(), asked.query("limit")), ("/v25.0/me/accounts", Some("100")));
    assert!(asked.query("fields").unwrap().contains("instagram_business_account{id,username"));
}

#[tokio::test]
async fn instagram_is_not_asked_for_without_its_permission() {
    let graph = FakeGraph::start([Reply::json(r#"{"data":[]}"#), Reply::json(r#"{"id":"5"}"#)]).await;
    graph.client.accounts(&graph.auth(), false, None).await.unwrap();
    graph.client.page_details(&graph.auth(), &PageId::parse("5").unwrap(), false).await.unwrap();
    for asked in graph.asked() {
        assert!(!asked.query("fields").unwrap().contains("instagram"), "it would fail the whole call");
    }
}

#[tokio::test]
async fn all_pages_are_gathered_once_each_and_a_token_wins() {
    let graph = FakeGraph::start([
        // An empty page with a next one is not the end.
        Reply::json(r#"{"data":[{"id":"1","name":"a"},{"id":"2","access_token":"EAA2"}],
                        "paging":{"cursors":{"after":"c1"},"next":"https://g/x?access_token=EAAtesttoken&after=c1"}}"#),
        Reply::json(r#"{"data":[],"paging":{"cursors":{"after":"c2"},"next":"https://g/x?after=c2"}}"#),
        Reply::json(r#"{"data":[{"id":"3","access_token":"EAA3"}],"paging":{"cursors":{"after":"c3"}}}"#),
        Reply::json(r#"{"data":[{"id":"b1"}]}"#),
        Reply::json(r#"{"data":[{"id":"1","access_token":"EAA1"},{"id":"2","access_token":"other"},{"id":"4","access_token":"EAA4"}]}"#),
        Reply::status(500, r#"{"error":{"message":"An unknown error occurred","type":"OAuthException","code":2}}"#),
    ])
    .await;
    let answer = graph.client.managed_pages(&graph.auth(), false).await.unwrap();
    assert_eq!(answer.calls, 6);
    let found = answer.value;
    let pages: Vec<_> =
        found.pages.iter().map(|page| (page.id.as_str(), page.token.as_ref().unwrap().expose())).collect();
    assert_eq!(pages, [("1", "EAA1"), ("2", "EAA2"), ("3", "EAA3"), ("4", "EAA4")]);
    assert_eq!(found.pages.iter().map(|page| page.via_business).collect::<Vec<_>>(), [true, false, false, true]);
    assert!(!found.truncated);
    assert_eq!(found.skipped.len(), 1);
    assert_eq!((found.skipped[0].list, found.skipped[0].error.decision), (PageList::ClientPages, Decision::Transient));

    let asked = graph.asked();
    let paths: Vec<_> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(paths[3..], ["/v25.0/me/businesses", "/v25.0/b1/owned_pages", "/v25.0/b1/client_pages"]);
    assert_eq!((asked[1].query("after"), asked[2].query("after")), (Some("c1"), Some("c2")));
    asked.iter().for_each(crate::fake::Asked::assert_authorized);
}

#[tokio::test]
async fn businesses_that_may_not_be_read_hide_no_page() {
    let graph = FakeGraph::start([
        Reply::json(r#"{"data":[{"id":"1","access_token":"EAA1"}]}"#),
        Reply::status(403, r#"{"error":{"message":"(#200) business_management","type":"OAuthException","code":200}}"#),
    ])
    .await;
    let found = graph.client.managed_pages(&graph.auth(), false).await.unwrap().value;
    assert_eq!((found.pages.len(), found.skipped[0].list), (1, PageList::Businesses));
}

#[tokio::test]
async fn pages_are_listed_also_where_a_permission_for_some_fields_is_missing() {
    let graph = FakeGraph::start([
        Reply::status(
            400,
            r#"{"error":{"message":"This endpoint requires the 'pages_read_engagement' permission","code":100}}"#,
        ),
        Reply::json(r#"{"data":[{"id":"1","name":"a","access_token":"EAA1","tasks":["MESSAGING"]}]}"#),
    ])
    .await;
    let answer = graph.client.accounts(&graph.auth(), true, None).await.unwrap();
    assert_eq!((answer.value.data.len(), answer.calls), (1, 2));
    let fields = graph.asked()[1].query("fields").unwrap().to_owned();
    assert!(!fields.contains("username") && !fields.contains("instagram"), "{fields}");
}

#[tokio::test]
async fn a_list_that_never_ends_is_given_up() {
    let endless =
        || Reply::json(r#"{"data":[{"id":"1"}],"paging":{"cursors":{"after":"c"},"next":"https://g/x?after=c"}}"#);
    let graph = FakeGraph::start(std::iter::repeat_with(endless)).await;
    let answer = graph.client.managed_pages(&graph.auth(), false).await.unwrap();
    assert_eq!((answer.calls, answer.value.pages.len(), answer.value.truncated), (200, 1, true));
}

#[tokio::test]
async fn the_persons_own_list_must_be_readable() {
    let graph = FakeGraph::start([Reply::status(
        400,
        r#"{"error":{"message":"Error validating access token","type":"OAuthException","code":190,"error_subcode":463}}"#,
    )])
    .await;
    assert_eq!(graph.client.managed_pages(&graph.auth(), true).await.unwrap_err().decision, Decision::TokenExpired);
}

#[tokio::test]
async fn a_page_tells_what_it_has_and_leaves_out_the_rest() {
    let graph = FakeGraph::start([
        Reply::json(
            r#"{"id":"5","name":"Phở Nhà Linh","category":"Restaurant","about":"Phở","phone":"+84","website":"https://p.example",
                "fan_count":"12345","picture":{"data":{"url":"https://s/p.png"}},"username":"pho"}"#,
        ),
        Reply::json(r#"{"id":"5"}"#),
    ])
    .await;
    let page = PageId::parse("5").unwrap();
    let details = graph.client.page_details(&graph.auth(), &page, false).await.unwrap().value;
    assert_eq!((details.name.as_deref(), details.fan_count), (Some("Phở Nhà Linh"), Some(12_345)));
    assert_eq!((details.about.as_deref(), details.picture_url.as_deref()), (Some("Phở"), Some("https://s/p.png")));
    let bare = graph.client.page_details(&graph.auth(), &page, false).await.unwrap().value;
    assert!(bare.name.is_none() && bare.fan_count.is_none() && bare.picture_url.is_none());
    assert_eq!(graph.asked()[0].path, "/v25.0/5");
}

#[tokio::test]
async fn only_what_changes_of_a_page_is_written_and_an_empty_text_clears_it() {
    let graph = FakeGraph::start([Reply::json(r#"{"success":true}"#)]).await;
    let update = PageUpdate { about: Some("Open till late".to_owned()), website: Some(String::new()), phone: None };
    graph.client.update_page(&graph.auth(), &PageId::parse("5").unwrap(), &update).await.unwrap();
    let asked = graph.asked_once();
    asked.assert_authorized();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/v25.0/5"));
    assert_eq!((asked.form("about"), asked.form("website")), (Some("Open till late"), Some("")));
    assert_eq!(asked.form("phone"), None);
}

#[tokio::test]
async fn what_meta_refuses_of_a_page_is_told_with_its_words() {
    let refusal = r#"{"error":{"message":"(#100) Param website has an invalid format","type":"OAuthException","code":100,
        "error_user_title":"Invalid value","error_user_msg":"website has an invalid format.","fbtrace_id":"A"}}"#;
    let graph = FakeGraph::start([Reply::status(400, refusal)]).await;
    let update = PageUpdate { website: Some("no address".to_owned()), ..PageUpdate::default() };
    let error = graph.client.update_page(&graph.auth(), &PageId::parse("5").unwrap(), &update).await.unwrap_err();
    assert_eq!(error.decision, Decision::BadRequest);
}
