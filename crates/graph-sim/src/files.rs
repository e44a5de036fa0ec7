//! Files that Meta fetches for Instagram: really, where that is asked for, and judged by what comes.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::api::request::{GraphRequest, Method};
use crate::api::response::GraphResponse;
use crate::simulator::Simulator;
use crate::world::instagram::InstagramChange;

const TIMEOUT: Duration = Duration::from_secs(10);

/// "Media could not be fetched from this URI", "The image format is not supported", "Video format not supported".
const NOT_FETCHED: i64 = 2_207_052;
const IMAGE_FORMAT: i64 = 2_207_005;
const VIDEO_FORMAT: i64 = 2_207_026;

/// After a container was made of an address: without waiting for it.
pub(crate) fn fetch_soon(sim: &Arc<Simulator>, request: &GraphRequest, response: &GraphResponse) {
    let is_media = request.method == Method::Post && request.path.get(1).is_some_and(|edge| edge == "media");
    if !is_media || response.status != 200 || !sim.varies().fetch_files {
        return;
    }
    let made: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let Some(container) = made.get("id").and_then(Value::as_str).map(str::to_owned) else { return };
    let file = |name: &str| request.params.given(name).map(str::to_owned);
    let (address, is_video) = match (file("image_url"), file("video_url")) {
        (Some(image), _) => (image, false),
        (None, Some(video)) => (video, true),
        (None, None) => return,
    };
    let sim = sim.clone();
    tokio::spawn(async move {
        if let Err(subcode) = fetch(&sim.http, &address, is_video).await
            && let Some((page, container)) = sim.world.container_by_id(&container)
        {
            let change = InstagramChange::NotFetched { container, subcode };
            let Ok(_) = sim.change_instagram(page, change, |_| Ok::<_, std::convert::Infallible>(()));
        }
    });
}

/// As Meta does: a range, no cookies, no credentials.
async fn fetch(http: &reqwest::Client, address: &str, is_video: bool) -> Result<(), i64> {
    let request =
        http.get(address).timeout(TIMEOUT).header("range", "bytes=0-").header("user-agent", "facebookexternalhit/1.1");
    let response = request.send().await.map_err(|_unreachable| NOT_FETCHED)?;
    if !response.status().is_success() {
        return Err(NOT_FETCHED);
    }
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match (is_video, kind.starts_with("video/"), kind.starts_with("image/jpeg")) {
        (true, true, _) | (false, _, true) => Ok(()),
        (true, false, _) => Err(VIDEO_FORMAT),
        (false, _, false) => Err(IMAGE_FORMAT),
    }
}
