//! The client of Meta's Graph API: one file per part of the API, each call one function that takes its token.
//!
//! Every call answers with what it cost and how much of Meta's limits is used ([`Answer`]), or with an error that
//! says what to do next ([`Decision`]). Nothing is tried twice here: that is the caller's decision.

mod attachments;
mod auth;
mod batch;
mod businesses;
mod client;
mod comments;
mod conversations;
mod dialog;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod instagram;
mod instagram_publishing;
mod labels;
mod me;
mod moderation;
mod pages;
mod paging;
mod pictures;
mod posts;
mod profiles;
mod reels;
mod request;
mod send;
mod subscriptions;
mod thread_control;
mod tokens;
mod uploads;
mod usage;

pub use attachments::AttachmentUpload;
pub use auth::GraphAuth;
pub use businesses::{ManagedPages, PageList, SkippedList};
pub use client::{API_VERSION, GraphClient, GraphClientError, GraphConfig};
pub use comments::Comment;
pub use conversations::{
    Attachment, AttachmentKind, Conversation, ConversationsRequest, Message, MessageReaction, Participant, Platform,
    Story,
};
pub use dialog::LoginDialog;
pub use error::{CodeFault, Decision, GraphError, MetaError, NetworkFault, ThrottleScope, TokenDeath};
pub use instagram::{InstagramMedia, InstagramProfile, MediaInsight, MediaType};
pub use instagram_publishing::{ContainerStatus, NewContainer, PublishingQuota, UploadedContainer};
pub use labels::CustomLabel;
pub use me::{Permission, PermissionStatus, Person};
pub use moderation::{MODERATED_AT_ONCE, ModerationAction};
pub use pages::{InstagramAccount, ManagedPage, PageDetails, PageUpdate};
pub use paging::{Cursor, Page};
pub use pictures::{Picture, PictureError};
pub use posts::{Engagement, IDS_AT_ONCE, NewPhoto, NewPost, POSTS_AT_ONCE, PagePost, UploadedPhoto};
pub use profiles::Profile;
pub use reels::{ReelPublication, ReelState, ReelStatus, ReelTime, StartedReel};
pub use request::Answer;
pub use send::{
    AttachmentSource, MessageContent, MessageTag, NewMessage, QuickReply, Reaction, Recipient, SendableKind,
    SenderAction, SentMessage,
};
pub use subscriptions::AppSubscription;
pub use tokens::{GrantedToken, GranularScope, TokenExpiry, TokenInfo};
pub use uploads::{FilePart, UploadUrl};
pub use usage::{BusinessUsage, Percentages, Usage};
