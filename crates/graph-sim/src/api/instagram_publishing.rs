//! Publishing on Instagram: containers that take time and may fail, then their publication ("IG User Media", "IG
//! Container", "IG User Media Publish", "Content Publishing Limit" references, "Error Codes" of the Instagram Platform).

use super::call::{Answered, Call};
use super::error::GraphError;
use super::instagram::allowed;
use crate::clock::DAY;
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::ids::Ids;
use crate::world::instagram::{
    Container, ContainerNumber, ContainerStatus, InstagramChange, MediaKind, PublishedMedia,
};
use crate::world::uploads::Upload;

const PERMISSION: &str = "instagram_content_publish";

/// In 24 hours.
const CONTAINERS_MAX: u32 = 400;

const CAPTION_LIMIT: usize = 2_200;
const HASHTAGS_MAX: usize = 30;
const MENTIONS_MAX: usize = 20;

/// An address with this and a subcode in its path makes a container that fails with it.
const FAILURE_MARK: &str = "sim-error-";

pub(crate) fn create(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed(call, page, PERMISSION)?;
    let now = call.sim.clock.now_ms();
    if page.instagram.read().made_since(now - DAY) >= CONTAINERS_MAX {
        return Err(GraphError::instagram(9, 2_207_042, "Application request limit reached"));
    }
    let kind = kind(call)?;
    let caption = call.param("caption").unwrap_or_default().to_owned();
    let count = |sign: char| caption.split_whitespace().filter(|word| word.starts_with(sign)).count();
    if caption.chars().count() > CAPTION_LIMIT || count('#') > HASHTAGS_MAX || count('@') > MENTIONS_MAX {
        return Err(GraphError::instagram(36_004, 2_207_010, "The caption was too long"));
    }
    let is_uploaded = call.param("upload_type") == Some("resumable");
    let (children, failure) = if kind == MediaKind::Carousel {
        (children(call, page)?, None)
    } else if is_uploaded {
        (Vec::new(), None)
    } else {
        (Vec::new(), failure(file(call, kind)?, kind)?)
    };
    let upload = is_uploaded.then(Upload::default);
    let container = Container { at_ms: now, kind, caption, children, failure, upload };
    let (number, _) = call.sim.change_instagram(page, InstagramChange::Container { container }, |_| Ok(()))?;
    let id = Ids::container(page.index, number);
    writer.object(|writer| {
        writer.string_member("id", &id);
        if is_uploaded {
            let uri = format!("{}/ig-api-upload/{}/{id}", call.request.base_url, call.version);
            writer.string_member("uri", &uri);
        }
    });
    Ok(())
}

fn kind(call: &Call<'_>) -> Result<MediaKind, GraphError> {
    let is_item = call.param("is_carousel_item").is_some_and(|is_item| is_item == "true");
    match (call.param("media_type"), call.param("video_url").is_some()) {
        (None | Some("IMAGE"), false) if is_item => Ok(MediaKind::CarouselImage),
        (Some("VIDEO"), true) if is_item => Ok(MediaKind::CarouselVideo),
        (None | Some("IMAGE"), false) => Ok(MediaKind::Image),
        (Some("REELS"), _) => Ok(MediaKind::Reel),
        (Some("STORIES"), false) if call.param("upload_type").is_some() => Ok(MediaKind::StoryVideo),
        (Some("STORIES"), false) => Ok(MediaKind::StoryImage),
        (Some("STORIES"), true) => Ok(MediaKind::StoryVideo),
        (Some("CAROUSEL"), _) => Ok(MediaKind::Carousel),
        _ => Err(GraphError::instagram(100, 2_207_023, "Unknown media type")),
    }
}

fn file<'c>(call: &'c Call<'_>, kind: MediaKind) -> Result<&'c str, GraphError> {
    let name = if kind.is_video() { "video_url" } else { "image_url" };
    let address =
        call.param(name).ok_or_else(|| GraphError::parameter(&format!("The parameter {name} is required")))?;
    let is_fetchable = url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_fetchable {
        Ok(address)
    } else {
        Err(GraphError::instagram(9_004, 2_207_052, "Only photo or video can be accepted as media type."))
    }
}

/// The file is not fetched: its address says what is wrong with it.
fn failure(address: &str, kind: MediaKind) -> Result<Option<i64>, GraphError> {
    if !kind.is_video() && [".png", ".gif", ".webp"].iter().any(|end| address.ends_with(end)) {
        return Err(GraphError::instagram(36_001, 2_207_005, "The image format is not supported."));
    }
    let marked = address.split(FAILURE_MARK).nth(1);
    let digits = marked.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    Ok(digits.and_then(|digits| digits.parse().ok()))
}

fn children(call: &Call<'_>, page: &Page) -> Result<Vec<ContainerNumber>, GraphError> {
    let asked = call.param("children").unwrap_or_default();
    let ids: Vec<String> = serde_json::from_str(asked)
        .unwrap_or_else(|_plain_list| asked.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect());
    if !(2..=10).contains(&ids.len()) {
        return Err(GraphError::instagram(100, 2_207_028, "A carousel needs 2 to 10 children"));
    }
    let instagram = page.instagram.read();
    let of_page = |id: &String| {
        let (owner, number) = Ids::parse_container(id)?;
        let is_item = instagram.container(number).is_some_and(|container| container.kind.is_carousel_item());
        (owner == page.index && is_item).then_some(number)
    };
    let missing = || GraphError::instagram(24, 2_207_006, "The requested resource does not exist");
    ids.iter().map(|id| of_page(id).ok_or_else(missing)).collect()
}

pub(crate) fn read(call: &Call<'_>, page: &Page, number: ContainerNumber, writer: &mut JsonWriter) -> Answered {
    allowed(call, page, PERMISSION)?;
    let fields = call.fields(&["id"])?;
    let now = call.sim.clock.now_ms();
    let status = page.instagram.read().status(number, now).unwrap_or(ContainerStatus::Expired);
    let (code, text) = words(status);
    writer.begin_object();
    for field in &fields {
        match field.name.as_str() {
            "id" => {}
            "status_code" => writer.string_member(field.key(), code),
            "status" => writer.string_member(field.key(), &text),
            unknown => return Err(GraphError::nonexisting_field(unknown, "IGContainer")),
        }
    }
    writer.string_member("id", &Ids::container(page.index, number));
    writer.end_object();
    Ok(())
}

fn words(status: ContainerStatus) -> (&'static str, String) {
    let text = |text: &str| text.to_owned();
    match status {
        ContainerStatus::InProgress => ("IN_PROGRESS", text("In Progress: Media is still being processed.")),
        ContainerStatus::Finished => {
            ("FINISHED", text("Finished: Media has been uploaded and it is ready to be published."))
        }
        ContainerStatus::Published => ("PUBLISHED", text("Published: Media has been successfully published.")),
        ContainerStatus::Failed(code) => ("ERROR", format!("Error: Media upload has failed with error code {code}")),
        ContainerStatus::Expired => ("EXPIRED", text("Expired: Media has expired.")),
    }
}

pub(crate) fn publish(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed(call, page, PERMISSION)?;
    let missing = || GraphError::instagram(24, 2_207_008, "The requested resource does not exist");
    let asked =
        call.param("creation_id").ok_or_else(|| GraphError::parameter("The parameter creation_id is required."))?;
    let (owner, container) = Ids::parse_container(asked).ok_or_else(missing)?;
    let now = call.sim.clock.now_ms();
    let published_max = call.sim.varies().published_max;
    if owner != page.index {
        return Err(missing());
    }
    let change = InstagramChange::Published { media: PublishedMedia { at_ms: now, container } };
    let (_, number) = call.sim.change_instagram(page, change, |instagram| {
        let kind = instagram.container(container).map(|container| container.kind);
        if kind.is_none_or(MediaKind::is_carousel_item) {
            return Err(missing());
        }
        match instagram.status(container, now) {
            Some(ContainerStatus::Finished) if call.sim.hesitates(asked) => {
                Err(GraphError::instagram(9_007, 2_207_027, "Media ID is not available"))
            }
            Some(ContainerStatus::Finished) if instagram.published_since(now - DAY) < published_max => Ok(()),
            Some(ContainerStatus::Finished) => {
                Err(GraphError::instagram(9, 2_207_042, "Application request limit reached"))
            }
            Some(ContainerStatus::Expired) => {
                Err(GraphError::instagram(-2, 2_207_020, "The media you are trying to publish has expired"))
            }
            Some(ContainerStatus::InProgress | ContainerStatus::Failed(_)) => {
                Err(GraphError::instagram(9_007, 2_207_027, "Media ID is not available"))
            }
            Some(ContainerStatus::Published) | None => Err(missing()),
        }
    })?;
    writer.object(|writer| writer.string_member("id", &Ids::media(page.index, number)));
    Ok(())
}

pub(crate) fn limit(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    allowed(call, page, PERMISSION)?;
    let fields = call.fields(&["quota_usage"])?;
    let used = page.instagram.read().published_since(call.sim.clock.now_ms() - DAY);
    writer.begin_object();
    writer.key("data");
    writer.begin_array();
    writer.begin_object();
    for field in &fields {
        match field.name.as_str() {
            "quota_usage" => writer.number_member(field.key(), i64::from(used)),
            "config" => {
                writer.key(field.key());
                writer.object(|writer| {
                    writer.number_member("quota_total", i64::from(call.sim.varies().published_max));
                    writer.number_member("quota_duration", 86_400);
                });
            }
            unknown => return Err(GraphError::nonexisting_field(unknown, "IGContentPublishingLimit")),
        }
    }
    writer.end_object();
    writer.end_array();
    writer.end_object();
    Ok(())
}
