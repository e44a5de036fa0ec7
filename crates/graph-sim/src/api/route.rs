//! Which endpoint a path and a method mean.

use super::call::{Answered, Call, Credential};
use super::comments::Under;
use super::node::{Node, own, unsupported};
use super::request::{GraphRequest, Method};
use super::{
    accounts, comments, conversations, debug_token, instagram, instagram_publishing, labels, message_attachments,
    messages, moderation, page_update, personas, photos, picture, posts, reels, send, subscribed_apps, subscriptions,
    thread_control, user, videos,
};
use crate::json::JsonWriter;
use crate::limits::Rate;
use crate::oauth::{access_token, system_users};
use crate::simulator::Simulator;
use crate::world::Page;

pub(crate) enum Route<'a> {
    AccessToken,
    ClientCode,
    DebugToken,
    Node(Node<'a>),
    /// A node and what follows it in the path.
    Edge(Node<'a>, Edge, Option<String>),
    /// No such path, or nothing that is known by the id.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    Accounts,
    Blocked,
    Businesses,
    ClientPages,
    Comments,
    ContentPublishingLimit,
    Conversations,
    CustomLabels,
    Feed,
    Insights,
    Label,
    Media,
    MediaPublish,
    MessageAttachments,
    Messages,
    ModerateConversations,
    OwnedPages,
    Permissions,
    Personas,
    Photos,
    Picture,
    Posts,
    PublishedPosts,
    SubscribedApps,
    SystemUserAccessTokens,
    PassThreadControl,
    Subscriptions,
    TakeThreadControl,
    ThreadOwner,
    VideoReels,
    Videos,
}

const EDGES: &[(&str, Edge)] = &[
    ("accounts", Edge::Accounts),
    ("blocked", Edge::Blocked),
    ("businesses", Edge::Businesses),
    ("client_pages", Edge::ClientPages),
    ("comments", Edge::Comments),
    ("content_publishing_limit", Edge::ContentPublishingLimit),
    ("conversations", Edge::Conversations),
    ("custom_labels", Edge::CustomLabels),
    ("feed", Edge::Feed),
    ("insights", Edge::Insights),
    ("label", Edge::Label),
    ("media", Edge::Media),
    ("media_publish", Edge::MediaPublish),
    ("message_attachments", Edge::MessageAttachments),
    ("messages", Edge::Messages),
    ("moderate_conversations", Edge::ModerateConversations),
    ("owned_pages", Edge::OwnedPages),
    ("permissions", Edge::Permissions),
    ("personas", Edge::Personas),
    ("photos", Edge::Photos),
    ("picture", Edge::Picture),
    ("posts", Edge::Posts),
    ("published_posts", Edge::PublishedPosts),
    ("subscribed_apps", Edge::SubscribedApps),
    ("system_user_access_tokens", Edge::SystemUserAccessTokens),
    ("pass_thread_control", Edge::PassThreadControl),
    ("subscriptions", Edge::Subscriptions),
    ("take_thread_control", Edge::TakeThreadControl),
    ("thread_owner", Edge::ThreadOwner),
    ("video_reels", Edge::VideoReels),
    ("videos", Edge::Videos),
];

impl<'a> Route<'a> {
    pub(crate) fn of(sim: &'a Simulator, request: &GraphRequest, credential: Option<&Credential>) -> Self {
        let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
        match *path.as_slice() {
            ["oauth", "access_token"] => Self::AccessToken,
            ["oauth", "client_code"] => Self::ClientCode,
            ["debug_token"] => Self::DebugToken,
            [id] => Node::find(sim, id, credential).map_or(Self::Unknown, Self::Node),
            [id, edge] => Self::edge(sim, id, edge, None, credential),
            [id, edge, rest] => Self::edge(sim, id, edge, Some(rest), credential),
            _ => Self::Unknown,
        }
    }

    fn edge(sim: &'a Simulator, id: &str, edge: &str, rest: Option<&str>, credential: Option<&Credential>) -> Self {
        let edge = EDGES.iter().find(|(name, _)| *name == edge).map(|(_, edge)| *edge);
        match (Node::find(sim, id, credential), edge) {
            (Some(node), Some(edge)) => Self::Edge(node, edge, rest.map(str::to_owned)),
            _ => Self::Unknown,
        }
    }

    /// As `GET /{page}/conversations`.
    pub(crate) fn endpoint(&self, request: &GraphRequest) -> String {
        let me = request.path.first().is_some_and(|first| first == "me");
        let node = |node: &Node<'_>| if me { "me" } else { node.label() };
        let method = request.method.name();
        match self {
            Self::AccessToken => format!("{method} /oauth/access_token"),
            Self::ClientCode => format!("{method} /oauth/client_code"),
            Self::DebugToken => format!("{method} /debug_token"),
            Self::Node(found) => format!("{method} /{}", node(found)),
            Self::Edge(found, edge, rest) => {
                let name = EDGES.iter().find(|(_, known)| known == edge).map_or("", |(name, _)| name);
                let rest = if rest.is_some() { "/{name}" } else { "" };
                format!("{method} /{}/{name}{rest}", node(found))
            }
            Self::Unknown => format!("{method} /{{unknown}}"),
        }
    }

    pub(crate) fn page(&self, sim: &'a Simulator) -> Option<&'a Page> {
        let index = match self {
            Self::Node(node) | Self::Edge(node, ..) => node.page()?,
            _ => return None,
        };
        sim.world.page(index)
    }

    /// Counted against the Messenger limits, not the Pages ones.
    pub(crate) fn is_messenger(&self, request: &GraphRequest) -> bool {
        self.rate(request).is_some() || matches!(self, Self::Node(Node::Customer(..)))
    }

    /// The limit per second and Page that the call falls under.
    pub(crate) fn rate(&self, request: &GraphRequest) -> Option<Rate> {
        match self {
            Self::Edge(Node::Page(_), Edge::Messages, _) => Some(send::rate(request)),
            _ => self.is_conversations_api(request).then_some(Rate::Conversations),
        }
    }

    fn is_conversations_api(&self, request: &GraphRequest) -> bool {
        match self {
            Self::Node(Node::Page(_)) => {
                request.params.get("fields").is_some_and(|fields| fields.contains("conversations"))
            }
            Self::Node(node) => matches!(node, Node::Conversation(..) | Node::Message(..)),
            Self::Edge(_, edge, _) => matches!(edge, Edge::Conversations | Edge::Messages),
            _ => false,
        }
    }

    pub(crate) fn redirect(&self, call: &Call<'_>) -> Option<String> {
        let Self::Edge(node, Edge::Picture, None) = self else { return None };
        picture::redirect(call, &node.picture_url(call)?)
    }

    pub(crate) fn run(&self, call: &Call<'_>, writer: &mut JsonWriter) -> Answered {
        match (self, call.request.method) {
            (Self::AccessToken, Method::Get | Method::Post) => access_token::exchange(call, writer),
            (Self::ClientCode, Method::Get) => access_token::client_code(call, writer),
            (Self::DebugToken, Method::Get) => debug_token::read(call, writer),
            (Self::Node(node), Method::Get) => node.read(call, writer),
            (Self::Node(Node::Page(page)), Method::Post) => page_update::update(call, page, writer),
            (Self::Node(Node::Comment(page, comment)), Method::Post) => comments::update(call, page, *comment, writer),
            (Self::Node(Node::Comment(page, comment)), Method::Delete) => {
                comments::delete(call, page, *comment, writer)
            }
            (Self::Node(Node::Persona(page, persona)), Method::Delete) => {
                personas::delete(call, page, *persona, writer)
            }
            (Self::Node(Node::Label(page, label)), Method::Delete) => labels::delete(call, page, *label, writer),
            (Self::Edge(node, edge, rest), method) => run_edge(call, *node, *edge, rest.as_deref(), method, writer),
            _ => Err(unsupported(call)),
        }
    }
}

fn run_edge(
    call: &Call<'_>,
    node: Node<'_>,
    edge: Edge,
    rest: Option<&str>,
    method: Method,
    writer: &mut JsonWriter,
) -> Answered {
    match (node, edge, method, rest) {
        (Node::Person(person), Edge::Permissions, Method::Delete, permission) => {
            own(call, person)?;
            user::revoke(call, person, permission, writer);
            Ok(())
        }
        (Node::Person(person), edge, Method::Get, None) => {
            own(call, person)?;
            match edge {
                Edge::Accounts => accounts::accounts(call, person, writer),
                Edge::Businesses => accounts::businesses(call, person, writer),
                Edge::Permissions => {
                    user::permissions(call, person, writer);
                    Ok(())
                }
                Edge::Picture => read_picture(call, node, writer),
                _ => Err(unsupported(call)),
            }
        }
        (Node::Business(business), Edge::OwnedPages, Method::Get, None) => {
            accounts::owned_pages(call, business, writer)
        }
        (Node::Business(business), Edge::ClientPages, Method::Get, None) => {
            accounts::client_pages(call, business, writer)
        }
        (Node::Business(business), Edge::SystemUserAccessTokens, Method::Post, None) => {
            system_users::create(call, business, writer)
        }
        (Node::Page(page), Edge::Conversations, Method::Get, None) => conversations::list(call, page, writer),
        (Node::Page(_), Edge::Picture, Method::Get, None) => read_picture(call, node, writer),
        (Node::Page(page), Edge::SubscribedApps, method, None) => match method {
            Method::Get => subscribed_apps::read(call, page, writer),
            Method::Post => subscribed_apps::subscribe(call, page, writer),
            Method::Delete => subscribed_apps::unsubscribe(call, page, writer),
            Method::Other => Err(unsupported(call)),
        },
        (Node::Page(page), Edge::PublishedPosts, Method::Get, None) => {
            posts::list(call, page, "published_posts", writer)
        }
        (Node::Page(page), Edge::Posts, Method::Get, None) => posts::list(call, page, "posts", writer),
        (Node::Page(page), Edge::Feed, Method::Get, None) => posts::list(call, page, "feed", writer),
        (Node::Page(page), Edge::Feed, Method::Post, None) => posts::publish(call, page, writer),
        (Node::Post(page, post), Edge::Comments, method, None) => {
            run_comments(call, page, Under::Post(post), method, writer)
        }
        (Node::Comment(page, comment), Edge::Comments, method, None) => {
            run_comments(call, page, Under::Comment(comment), method, writer)
        }
        (Node::Instagram(page), edge, method, None) => run_instagram(call, page, edge, method, writer),
        (Node::Media(page, media), Edge::Insights, Method::Get, None) => instagram::insights(call, page, media, writer),
        (Node::Page(page), Edge::CustomLabels, Method::Get, None) => labels::list(call, page, writer),
        (Node::Page(page), Edge::CustomLabels, Method::Post, None) => labels::create(call, page, writer),
        (Node::Customer(page, customer), Edge::CustomLabels, Method::Get, None) => {
            labels::of_customer(call, page, customer, writer)
        }
        (Node::Label(page, label), Edge::Label, Method::Post, None) => labels::give(call, page, label, true, writer),
        (Node::Label(page, label), Edge::Label, Method::Delete, None) => labels::give(call, page, label, false, writer),
        (Node::Page(page), Edge::ModerateConversations, Method::Post, None) => moderation::moderate(call, page, writer),
        (Node::Page(page), Edge::Blocked, method, None) => match method {
            Method::Get => moderation::blocked(call, page, writer),
            Method::Post => moderation::block(call, page, writer),
            Method::Delete => moderation::unblock(call, page, writer),
            Method::Other => Err(unsupported(call)),
        },
        (Node::Page(page), Edge::PassThreadControl, Method::Post, None) => thread_control::pass(call, page, writer),
        (Node::Page(page), Edge::TakeThreadControl, Method::Post, None) => thread_control::take(call, page, writer),
        (Node::Page(page), Edge::ThreadOwner, Method::Get, None) => thread_control::owner(call, page, writer),
        (Node::Page(page), Edge::Personas, Method::Get, None) => personas::list(call, page, writer),
        (Node::Page(page), Edge::Personas, Method::Post, None) => personas::create(call, page, writer),
        (Node::Page(page), Edge::Photos, Method::Post, None) => photos::upload(call, page, writer),
        (Node::Page(page), Edge::VideoReels, Method::Post, None) => reels::phase(call, page, writer),
        (Node::Page(page), Edge::Videos, Method::Post, None) => videos::upload(call, page, writer),
        (Node::Page(page), Edge::MessageAttachments, Method::Post, None) => {
            message_attachments::upload(call, page, writer)
        }
        (Node::Page(page), Edge::Messages, Method::Post, None) => send::send(call, page, writer),
        (Node::Conversation(page, conversation), Edge::Messages, Method::Get, None) => {
            messages::list(call, page, conversation, writer)
        }
        (Node::App, Edge::Subscriptions, method, None) => match method {
            Method::Get => subscriptions::read(call, writer),
            Method::Post => subscriptions::subscribe(call, writer),
            Method::Delete => subscriptions::unsubscribe(call, writer),
            Method::Other => Err(unsupported(call)),
        },
        _ => Err(unsupported(call)),
    }
}

fn run_comments(call: &Call<'_>, page: &Page, under: Under, method: Method, writer: &mut JsonWriter) -> Answered {
    match method {
        Method::Get => comments::list(call, page, under, writer),
        Method::Post => comments::create(call, page, under, writer),
        _ => Err(unsupported(call)),
    }
}

fn run_instagram(call: &Call<'_>, page: &Page, edge: Edge, method: Method, writer: &mut JsonWriter) -> Answered {
    match (edge, method) {
        (Edge::Media, Method::Get) => instagram::list(call, page, writer),
        (Edge::Media, Method::Post) => instagram_publishing::create(call, page, writer),
        (Edge::MediaPublish, Method::Post) => instagram_publishing::publish(call, page, writer),
        (Edge::ContentPublishingLimit, Method::Get) => instagram_publishing::limit(call, page, writer),
        _ => Err(unsupported(call)),
    }
}

fn read_picture(call: &Call<'_>, node: Node<'_>, writer: &mut JsonWriter) -> Answered {
    picture::write(&node.picture_url(call).ok_or_else(|| unsupported(call))?, writer);
    Ok(())
}
