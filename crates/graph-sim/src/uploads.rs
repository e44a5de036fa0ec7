//! rupload.facebook.com: the bytes of a file, whole or from where they broke off ("Resumable uploads" of the Instagram
//! Platform, "Reels Publishing" of the Video API). Its errors have a form of their own.

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt as _;
use serde_json::json;

use crate::oauth::tokens::TokenKind;
use crate::parameters;
use crate::simulator::Simulator;
use crate::world::Page;
use crate::world::ids::PageIndex;
use crate::world::instagram::{ContainerNumber, InstagramChange};
use crate::world::uploads::{Part, Upload, VideoChange, VideoNumber};

/// Of a reel on Instagram.
const LARGEST: u64 = 300 << 20;

/// What the bytes are for.
#[derive(Clone, Copy)]
enum Target<'a> {
    Video(&'a Page, VideoNumber),
    Container(&'a Page, ContainerNumber),
}

/// Why bytes are not taken.
struct Refused {
    status: StatusCode,
    kind: &'static str,
    retriable: bool,
    message: String,
}

/// Whether a path is one of an upload's: `/video-upload/v25.0/{video}`, `/ig-api-upload/v25.0/{container}`.
pub(crate) fn is_upload(path: &str) -> bool {
    path.starts_with("/video-upload/") || path.starts_with("/ig-api-upload/")
}

pub(crate) async fn answer(sim: &Simulator, http: &HttpRequest, payload: Payload) -> HttpResponse {
    match receive(sim, http, payload).await {
        Ok(()) => HttpResponse::Ok().json(json!({ "success": true, "message": "Upload successful." })),
        Err(refused) => HttpResponse::build(refused.status).json(json!({
            "debug_info": { "retriable": refused.retriable, "type": refused.kind, "message": refused.message }
        })),
    }
}

async fn receive(sim: &Simulator, http: &HttpRequest, mut payload: Payload) -> Result<(), Refused> {
    let target = target(sim, http).ok_or_else(Refused::unauthorized)?;
    if let Some(address) = header(http, "file_url") {
        // The file is not fetched.
        let is_address = url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !is_address {
            return Err(Refused::processing("file_url must be an address"));
        }
        target.take(sim, Part { bytes: 1, size: 1, at_ms: sim.clock.now_ms() });
        return Ok(());
    }
    let number = |name: &str| header(http, name).and_then(|value| value.parse::<u64>().ok());
    let (Some(offset), Some(size)) = (number("offset"), number("file_size")) else {
        return Err(Refused::processing("the headers offset and file_size are required"));
    };
    let upload = target.upload();
    if size == 0 || size > LARGEST || upload.size.is_some_and(|known| known != size) {
        return Err(Refused::processing("file_size is not valid"));
    }
    if offset != upload.received || upload.complete_ms.is_some() {
        return Err(Refused {
            status: StatusCode::BAD_REQUEST,
            kind: "OffsetInvalidError",
            retriable: true,
            message: format!("the next byte is {}", upload.received),
        });
    }
    let mut bytes = 0;
    while let Some(Ok(chunk)) = payload.next().await {
        bytes += u64::try_from(chunk.len()).unwrap_or(0);
        if offset + bytes > size {
            return Err(Refused::processing("more bytes than file_size"));
        }
    }
    // What came before the connection broke is kept.
    target.take(sim, Part { bytes, size, at_ms: sim.clock.now_ms() });
    if offset + bytes < size {
        return Err(Refused {
            status: StatusCode::BAD_REQUEST,
            kind: "PartialRequestError",
            retriable: true,
            message: format!("{} of {size} bytes have come", offset + bytes),
        });
    }
    Ok(())
}

/// None for what does not exist, or not for who asks.
fn target<'a>(sim: &'a Simulator, http: &HttpRequest) -> Option<Target<'a>> {
    let token = sim.find_valid_token(&parameters::bearer(http)?).ok()?;
    let id = http.path().rsplit('/').next()?;
    let target = if http.path().starts_with("/video-upload/") {
        sim.world.video_by_id(id).map(|(page, number)| Target::Video(page, number))
    } else {
        sim.world.container_by_id(id).map(|(page, number)| Target::Container(page, number))
    }?;
    let page = target.page();
    let may_upload = match token.kind {
        TokenKind::Page(own) => own == page,
        TokenKind::User | TokenKind::SystemUser(_) => sim.world.role(token.person, page).is_some(),
    };
    let awaits_bytes = match target {
        Target::Video(page, number) => page.videos.read().video(number).is_some_and(|video| video.finish.is_none()),
        Target::Container(page, number) => {
            page.instagram.read().container(number).is_some_and(|container| container.upload.is_some())
        }
    };
    (may_upload && awaits_bytes).then_some(target)
}

impl Target<'_> {
    fn page(self) -> PageIndex {
        match self {
            Self::Video(page, _) | Self::Container(page, _) => page.index,
        }
    }

    fn upload(self) -> Upload {
        match self {
            Self::Video(page, number) => {
                page.videos.read().video(number).map(|video| video.upload.clone()).unwrap_or_default()
            }
            Self::Container(page, number) => {
                let instagram = page.instagram.read();
                instagram.container(number).and_then(|container| container.upload.clone()).unwrap_or_default()
            }
        }
    }

    fn take(self, sim: &Simulator, part: Part) {
        match self {
            Self::Video(page, video) => {
                sim.change_videos(page, VideoChange::Received { video, part });
            }
            Self::Container(page, container) => {
                let change = InstagramChange::Received { container, part };
                let Ok(_) = sim.change_instagram(page, change, |_| Ok::<_, std::convert::Infallible>(()));
            }
        }
    }
}

impl Refused {
    fn processing(message: &str) -> Self {
        let (status, kind) = (StatusCode::BAD_REQUEST, "ProcessingFailedError");
        Self { status, kind, retriable: false, message: message.to_owned() }
    }

    fn unauthorized() -> Self {
        Self::processing(r#"{"success":false,"error":{"message":"unauthorized user request"}}"#)
    }
}

fn header<'a>(http: &'a HttpRequest, name: &str) -> Option<&'a str> {
    http.headers().get(name)?.to_str().ok()
}
