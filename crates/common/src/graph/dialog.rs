//! The address of Facebook's login dialog.

use url::Url;

use super::client::{API_VERSION, GraphClient};

/// What the dialog is asked for (Facebook Login, "Manually build a login flow").
#[derive(Debug, Clone, Copy)]
pub struct LoginDialog<'a> {
    /// Must be given again, byte for byte, when the code is exchanged.
    pub redirect_uri: &'a str,
    pub state: &'a str,
    pub scopes: &'a [String],
    /// Ask again for what was declined before; without it the dialog never does.
    pub rerequest: bool,
}

impl GraphClient {
    /// Where the browser is sent to log in.
    pub fn login_url(&self, dialog: &LoginDialog<'_>) -> Url {
        let mut url = self.dialog_url().clone();
        url.set_path(&format!("{}/{API_VERSION}/dialog/oauth", url.path().trim_end_matches('/')));
        let mut query = url.query_pairs_mut();
        query
            .clear()
            .append_pair("client_id", self.app_id())
            .append_pair("redirect_uri", dialog.redirect_uri)
            .append_pair("state", dialog.state)
            .append_pair("response_type", "code")
            .append_pair("scope", &dialog.scopes.join(","));
        if dialog.rerequest {
            query.append_pair("auth_type", "rerequest");
        }
        drop(query);
        url
    }
}
