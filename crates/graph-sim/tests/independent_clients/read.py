"""Reads people, Pages, conversations and messages with Meta's own SDK; only the host is changed.

Arguments: base address, app id, app secret, user token. Prints what was read as JSON.
"""

import json
import sys

from facebook_business.adobjects.page import Page
from facebook_business.adobjects.unifiedthread import UnifiedThread
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

base, app_id, app_secret, user_token = sys.argv[1:]
FacebookSession.GRAPH = base


def api(token):
    return FacebookAdsApi(FacebookSession(app_id, app_secret, token))


def read_page(account):
    page_api = api(account["access_token"])
    conversations = Page(account["id"], api=page_api).get_conversations(
        fields=["id", "updated_time", "participants", "message_count"], params={"platform": "messenger", "limit": 10}
    )
    read = []
    for conversation in conversations:
        messages = UnifiedThread(conversation["id"], api=page_api).get_messages(
            fields=["id", "created_time", "from", "message"], params={"limit": 3}
        )
        read.append({
            "id": conversation["id"],
            "participants": [person["id"] for person in conversation["participants"]["data"]],
            "messages": [{"id": message["id"], "message": message["message"]} for message in messages],
        })
    return {"id": account["id"], "name": account["name"], "conversations": read}


def refusal():
    try:
        User("me", api=api("EAAnonsense")).api_get(fields=["id"])
    except FacebookRequestError as error:
        return {"status": error.http_status(), "code": error.api_error_code(), "type": error.api_error_type()}
    return None


user_api = api(user_token)
me = User("me", api=user_api).api_get(fields=["id", "name"])
accounts = User("me", api=user_api).get_accounts(
    fields=["id", "name", "access_token", "tasks"], params={"limit": 1}
)
print(json.dumps({
    "me": me["name"],
    "pages": [read_page(account) for account in accounts],
    "refusal": refusal(),
}))
