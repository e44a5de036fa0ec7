//! Reels of a Page: `/{page}/video_reels` in phases, and `/{video}` ("Reels Publishing" of the Video API).

use super::call::{Answered, Call};
use super::error::GraphError;
use crate::clock::{DAY, MINUTE, Millis};
use crate::json::JsonWriter;
use crate::world::Page;
use crate::world::config::Task;
use crate::world::ids::Ids;
use crate::world::uploads::{Finish, Video, VideoChange, VideoKind, VideoNumber, VideoState};

/// In 24 hours.
const PUBLISHED_MAX: usize = 30;

pub(crate) fn phase(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(page, &["pages_manage_posts", "pages_read_engagement", "pages_show_list"])?;
    call.require_task(page, &[Task::CreateContent])?;
    match call.param("upload_phase") {
        Some("start") => {
            start(call, page, writer);
            Ok(())
        }
        Some("finish") => finish(call, page, writer),
        _ => Err(GraphError::parameter("Param upload_phase must be one of {START, FINISH}.")),
    }
}

fn start(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) {
    let number =
        call.sim.change_videos(page, VideoChange::Started { at_ms: call.sim.clock.now_ms(), kind: VideoKind::Reel });
    let id = Ids::video(page.index, number);
    writer.object(|writer| {
        writer.string_member("video_id", &id);
        writer.string_member("upload_url", &format!("{}/video-upload/{}/{id}", call.request.base_url, call.version));
    });
}

fn finish(call: &Call<'_>, page: &Page, writer: &mut JsonWriter) -> Answered {
    let id = call.param("video_id").ok_or_else(|| GraphError::parameter("The parameter video_id is required."))?;
    let unknown = || GraphError::unsupported("post", id);
    let (owner, number) = call.sim.world.video_by_id(id).ok_or_else(unknown)?;
    let now = call.sim.clock.now_ms();
    let video = owner.videos.read().video(number).cloned().ok_or_else(unknown)?;
    if owner.index != page.index || video.is_expired(now) {
        return Err(unknown());
    }
    if video.upload.complete_ms.is_none() {
        return Err(GraphError::parameter("The video is not uploaded completely."));
    }
    if video.finish.is_some_and(|finish| finish.state != VideoState::Draft) {
        return Err(GraphError::parameter("The video is published already."));
    }
    let state = state(call, now)?;
    if state == VideoState::Published && owner.videos.read().reels_published_since(now - DAY) >= PUBLISHED_MAX {
        return Err(GraphError::new(400, 9, "(#9) A Page can publish 30 reels in 24 hours."));
    }
    let description = call.param("description").unwrap_or_default().to_owned();
    let finish = Finish { at_ms: now, state, description };
    call.sim.change_videos(page, VideoChange::Finished { video: number, finish });
    super::write_success(writer);
    Ok(())
}

/// Scheduled for more than 10 minutes and less than 29 days from now.
fn state(call: &Call<'_>, now: Millis) -> Result<VideoState, GraphError> {
    let refused = || GraphError::parameter("The specified scheduled publish time is invalid.");
    match call.param("video_state") {
        Some("PUBLISHED") => Ok(VideoState::Published),
        Some("DRAFT") => Ok(VideoState::Draft),
        Some("SCHEDULED") => {
            let at =
                call.param("scheduled_publish_time").and_then(|at| at.parse::<Millis>().ok()).ok_or_else(refused)?;
            let ahead = at.saturating_mul(1_000) - now;
            if (10 * MINUTE..29 * DAY).contains(&ahead) { Ok(VideoState::Scheduled) } else { Err(refused()) }
        }
        _ => Err(GraphError::parameter("Param video_state must be one of {DRAFT, PUBLISHED, SCHEDULED}.")),
    }
}

pub(crate) fn read(call: &Call<'_>, page: &Page, number: VideoNumber, writer: &mut JsonWriter) -> Answered {
    call.require_page_token(page, &["pages_read_engagement"])?;
    let fields = call.fields(&["id"])?;
    let videos = page.videos.read();
    let id = Ids::video(page.index, number);
    let video = videos.video(number).ok_or_else(|| GraphError::unsupported("get", &id))?;
    writer.begin_object();
    for field in &fields {
        match field.name.as_str() {
            "id" => {}
            "description" => {
                if let Some(finish) = &video.finish {
                    writer.string_member(field.key(), &finish.description);
                }
            }
            "status" => {
                writer.key(field.key());
                write_status(video, call.sim.clock.now_ms(), writer);
            }
            unknown => return Err(GraphError::nonexisting_field(unknown, "Video")),
        }
    }
    writer.string_member("id", &id);
    writer.end_object();
    Ok(())
}

/// Meta's own spelling of `bytes_transfered`.
fn write_status(video: &Video, now: Millis, writer: &mut JsonWriter) {
    let is_uploaded = video.upload.complete_ms.is_some();
    let is_processed = video.is_processed(now);
    let published = video.finish.as_ref().filter(|finish| finish.state == VideoState::Published);
    let overall = match (video.is_expired(now), is_uploaded, is_processed) {
        (true, ..) => "expired",
        (_, _, true) => "ready",
        (_, true, false) => "processing",
        (_, false, _) => "uploading",
    };
    let phase = |complete: bool, begun: bool| match (complete, begun) {
        (true, _) => "complete",
        (false, true) => "in_progress",
        (false, false) => "not_started",
    };
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    writer.object(|writer| {
        writer.string_member("video_status", overall);
        writer.key("uploading_phase");
        writer.object(|writer| {
            writer.string_member("status", phase(is_uploaded, video.upload.received > 0));
            writer.number_member("bytes_transfered", number(video.upload.received));
            if let Some(size) = video.upload.size {
                writer.number_member("source_file_size", number(size));
            }
        });
        writer.key("processing_phase");
        writer.object(|writer| writer.string_member("status", phase(is_processed, is_uploaded)));
        writer.key("publishing_phase");
        writer.object(|writer| {
            writer.string_member("status", phase(published.is_some() && is_processed, video.finish.is_some()));
            if let (Some(finish), true) = (published, is_processed) {
                writer.string_member("publish_status", "published");
                writer.number_member("publish_time", finish.at_ms.div_euclid(1_000));
            }
        });
    });
}
