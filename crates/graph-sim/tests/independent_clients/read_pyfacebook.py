"""Logs in and reads Pages, conversations and messages with python-facebook-api; only the host is changed, and a control
call plays the person at the dialog.

Arguments: base address, app id, app secret, the person's name. Prints what was read as JSON.
"""

import json
import os
import sys

# Its OAuth library refuses addresses without TLS otherwise.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"

import requests
from pyfacebook import FacebookError, GraphAPI

base, app_id, app_secret, person = sys.argv[1:]
REDIRECT_URI = "http://localhost:8080/callback"
SCOPE = ["pages_show_list", "pages_messaging", "pages_manage_metadata", "pages_read_engagement", "business_management"]


def client(**options):
    return GraphAPI(app_id=app_id, app_secret=app_secret, base_url=f"{base}/", version="v24.0", **options)


def log_in():
    api = client(
        oauth_flow=True,
        authorization_url=f"{base}/v24.0/dialog/oauth",
        access_token_url=f"{base}/v24.0/oauth/access_token",
        redirect_uri=REDIRECT_URI,
        scope=SCOPE,
    )
    login_url, _state = api.get_authorization_url()
    approved = requests.post(f"{base}/_sim/oauth/approve", json={"login_url": login_url, "person": person}, timeout=20)
    api.exchange_user_access_token(response=approved.json()["redirect_url"])
    return api.exchange_long_lived_user_access_token()


def read_page(page):
    api = client(access_token=page["access_token"])
    listed = api.get_full_connections(page["id"], "conversations", count=None, limit=10, fields="id,participants")
    conversations = []
    for conversation in listed["data"]:
        messages = api.get_full_connections(conversation["id"], "messages", count=None, limit=3, fields="id,message")
        conversations.append(
            {
                "id": conversation["id"],
                "participants": [one["id"] for one in conversation["participants"]["data"]],
                "messages": [{"id": one["id"], "message": one["message"]} for one in messages["data"]],
            }
        )
    return {"id": page["id"], "name": page["name"], "conversations": conversations}


def refusal():
    try:
        client(access_token="EAAnonsense").get_object("me", fields="id")
    except FacebookError as error:
        return {"code": error.code, "type": error.type}
    return None


token = log_in()
api = client(access_token=token["access_token"])
accounts = api.get_full_connections("me", "accounts", count=None, limit=1, fields="id,name,access_token")["data"]
debugged = api.debug_token(input_token=token["access_token"], access_token=f"{app_id}|{app_secret}")["data"]
pages = [read_page(account) for account in accounts]

print(
    json.dumps(
        {
            "me": api.get_object("me", fields="id,name")["name"],
            "long_lived": token["expires_in"] > 50 * 86_400,
            "valid": debugged["is_valid"],
            "pages": pages,
            "refusal": refusal(),
        }
    )
)
