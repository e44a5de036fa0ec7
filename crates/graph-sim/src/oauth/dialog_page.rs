//! The dialog's pages: who you are, then what you allow. Plain forms, so that they work without scripts.

use std::fmt::Write;

use super::dialog::{LoginRequest, offered_pages};
use super::permissions::{PERMISSIONS, PUBLIC_PROFILE};
use crate::simulator::Simulator;
use crate::world::Person;

const FRAME: &str = include_str!("dialog.html");

pub(crate) fn dialog(sim: &Simulator, login: &LoginRequest, person: Option<&Person>) -> String {
    match person {
        None => people(sim, login),
        Some(person) => choices(sim, login, person),
    }
}

pub(crate) fn refused(text: &str) -> String {
    framed("Something went wrong", &format!("<p class=\"error\">{}</p>", escaped(text)))
}

fn people(sim: &Simulator, login: &LoginRequest) -> String {
    let mut body = format!(
        "<p>Log in to use your Facebook account with <b>{}</b>. This is a simulated Facebook: choose who you are.</p>\
         <form method=\"get\">{}<div class=\"people\">",
        escaped(&sim.config.app.name),
        hidden(login)
    );
    for person in sim.world.people() {
        let pages = match offered_pages(sim, person).len() {
            0 => "no Pages".to_owned(),
            1 => "1 Page".to_owned(),
            count => format!("{count} Pages"),
        };
        let name = escaped(&person.name);
        append(
            &mut body,
            format_args!(
                "<button class=\"person\" name=\"person\" value=\"{id}\" data-testid=\"person-{id}\">\
                 <img src=\"/_cdn/people/{id}.png\" alt=\"\"><span><b>Continue as {name}</b><small>{pages}</small></span></button>",
                id = person.id
            ),
        );
    }
    body.push_str("</div></form>");
    body.push_str(&cancel_form(login));
    framed("Log in with Facebook", &body)
}

fn choices(sim: &Simulator, login: &LoginRequest, person: &Person) -> String {
    let grant = sim.grants.of(person.index);
    let offered = login.offered(sim, person);
    let mut body = format!(
        "<p><img class=\"who\" src=\"/_cdn/people/{id}.png\" alt=\"\"><b>{name}</b>, <b>{app}</b> would like to:</p>\
         <form method=\"post\">{hidden}<input type=\"hidden\" name=\"person\" value=\"{id}\">\
         <input type=\"hidden\" name=\"choice\" value=\"listed\"><fieldset><legend>Permissions</legend>",
        id = person.id,
        name = escaped(&person.name),
        app = escaped(&sim.config.app.name),
        hidden = hidden(login)
    );
    for (name, sentence) in PERMISSIONS.iter().filter(|(name, _)| offered.iter().any(|offered| offered == name)) {
        let fixed = if *name == PUBLIC_PROFILE { " disabled" } else { "" };
        append(
            &mut body,
            format_args!(
                "<label><input type=\"checkbox\" name=\"permission\" value=\"{name}\" data-testid=\"permission-{name}\" \
                 checked{fixed}><span>{sentence}<small>{name}</small></span></label>"
            ),
        );
    }
    body.push_str("</fieldset>");
    let pages = offered_pages(sim, person);
    if pages.is_empty() {
        body.push_str("<p class=\"hint\">This person manages no Pages.</p>");
    } else {
        body.push_str("<fieldset><legend>Pages</legend>");
        for page in pages {
            let checked = if grant.covers_page(&page.id) || grant.granted.is_empty() { " checked" } else { "" };
            append(
                &mut body,
                format_args!(
                    "<label><input type=\"checkbox\" name=\"page\" value=\"{id}\" data-testid=\"page-{id}\"{checked}>\
                     <img src=\"/_cdn/pages/{id}.png\" alt=\"\"><span>{name}</span></label>",
                    id = page.id,
                    name = escaped(&page.name())
                ),
            );
        }
        body.push_str("</fieldset>");
    }
    body.push_str(
        "<div class=\"actions\"><button class=\"quiet\" name=\"decision\" value=\"cancel\">Cancel</button>\
         <button class=\"main\" name=\"decision\" value=\"allow\">Allow</button></div></form>",
    );
    framed("Log in with Facebook", &body)
}

fn cancel_form(login: &LoginRequest) -> String {
    format!(
        "<form method=\"post\" class=\"actions\">{}<button class=\"quiet\" name=\"decision\" value=\"cancel\">Cancel</button></form>",
        hidden(login)
    )
}

/// The login's own parameters, carried from page to page.
fn hidden(login: &LoginRequest) -> String {
    let scope = login.scope.join(",");
    let auth_type = if login.rerequest { "rerequest" } else { "" };
    let mut fields = vec![
        ("client_id", login.client_id.as_str()),
        ("redirect_uri", &login.redirect_uri),
        ("scope", &scope),
        ("response_type", &login.response_type),
        ("auth_type", auth_type),
    ];
    fields.extend(login.config_id.as_deref().map(|config_id| ("config_id", config_id)));
    fields.extend(login.state.as_deref().map(|state| ("state", state)));
    let mut html = String::new();
    for (name, value) in fields {
        append(&mut html, format_args!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value)));
    }
    html
}

/// Who logs in with Instagram; each button carries the login's parameters.
pub(crate) fn instagram_accounts(sim: &Simulator, login: &[(&str, String)]) -> String {
    let mut body = format!(
        "<p>Log in to <b>{}</b> with your Instagram account. This is a simulated Instagram: choose who you are.</p>\
         <form method=\"get\">",
        escaped(&sim.config.app.name)
    );
    for (name, value) in login {
        append(&mut body, format_args!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value)));
    }
    body.push_str("<div class=\"people\">");
    for page in sim.world.pages() {
        let Some(username) = page.settings.read().instagram.clone() else { continue };
        let username = escaped(&username);
        append(
            &mut body,
            format_args!(
                "<button class=\"person\" name=\"account\" value=\"{username}\"><img src=\"/_cdn/pages/{}.png\" alt=\"\">\
                 <span><b>Continue as {username}</b></span></button>",
                page.id
            ),
        );
    }
    body.push_str(
        "</div><div class=\"actions\"><button class=\"quiet\" name=\"decision\" value=\"cancel\">Cancel</button></div></form>",
    );
    framed("Log in with Instagram", &body)
}

fn framed(title: &str, body: &str) -> String {
    FRAME.replace("{{title}}", title).replace("{{body}}", body)
}

fn append(html: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _written = html.write_fmt(text);
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
