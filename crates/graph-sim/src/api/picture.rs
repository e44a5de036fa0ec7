//! Profile pictures: the field `picture{url}` and the edge `/{page}/picture`, which redirects unless `redirect=0`.

use super::call::Call;
use crate::json::JsonWriter;
use crate::world::Page;

const SIDE: i64 = 200;

pub(crate) fn page_picture_url(base_url: &str, page: &Page) -> String {
    format!("{base_url}/_cdn/pages/{}.png", page.id)
}

/// Where the edge redirects to; `None`: it answers JSON.
pub(crate) fn redirect(call: &Call<'_>, url: &str) -> Option<String> {
    let stays = call.param("redirect").is_some_and(|redirect| matches!(redirect, "0" | "false"));
    (!stays).then(|| url.to_owned())
}

pub(crate) fn write(url: &str, writer: &mut JsonWriter) {
    writer.object(|writer| {
        writer.key("data");
        writer.object(|writer| {
            writer.number_member("height", SIDE);
            writer.boolean_member("is_silhouette", false);
            writer.string_member("url", url);
            writer.number_member("width", SIDE);
        });
    });
}
