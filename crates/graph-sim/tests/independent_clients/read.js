'use strict';
// Reads people, Pages, conversations and messages with Meta's own SDK for Node, and a profile and the subscriptions with a
// client that others wrote; only the host is changed.
//
// Arguments: base address, app id, app secret, user token, callback address, verify token. Prints what was read as JSON.

const { FacebookAdsApi, Page, UnifiedThread, User } = require('facebook-nodejs-business-sdk');
const { MessengerClient } = require('messaging-api-messenger');

const [base, appId, appSecret, userToken, callbackUrl, verifyToken] = process.argv.slice(2);
Object.defineProperty(FacebookAdsApi, 'GRAPH', { get: () => base });

async function all(cursor) {
  const read = [...cursor];
  while (cursor.hasNext()) {
    cursor = await cursor.next();
    read.push(...cursor);
  }
  return read;
}

async function readPage(account) {
  const api = new FacebookAdsApi(account.access_token);
  const page = new Page(account.id, {}, null, api);
  const conversations = await all(await page.getConversations(['id', 'participants'], { limit: 10 }));
  const read = [];
  for (const conversation of conversations) {
    const thread = new UnifiedThread(conversation.id, {}, null, api);
    const messages = await all(await thread.getMessages(['id', 'message'], { limit: 3 }));
    read.push({
      id: conversation.id,
      participants: conversation.participants.data.map((person) => person.id),
      messages: messages.map(({ id, message }) => ({ id, message })),
    });
  }
  return { id: account.id, name: account.name, conversations: read };
}

async function messenger(account, psid) {
  const client = new MessengerClient({ accessToken: account.access_token, appId, appSecret, version: '25.0', origin: base });
  const accessToken = `${appId}|${appSecret}`;
  const subscribed = await client.createSubscription({ accessToken, callbackUrl, verifyToken, fields: ['messages'] });
  return {
    page: await client.getPageInfo(),
    profile: await client.getUserProfile(psid, { fields: ['id', 'name'] }),
    subscribed,
    subscriptions: await client.getSubscriptions({ accessToken }),
  };
}

async function main() {
  const user = new User('me', {}, null, new FacebookAdsApi(userToken));
  const me = await user.get(['id', 'name']);
  const accounts = await all(await user.getAccounts(['id', 'name', 'access_token'], { limit: 1 }));
  const pages = [];
  for (const account of accounts) pages.push(await readPage(account));
  const psid = pages[0].conversations[0].participants[0];
  const refusal = await new User('me', {}, null, new FacebookAdsApi('EAAnonsense')).get(['id']).catch((error) => ({ status: error.status, code: error.response.code }));
  console.log(JSON.stringify({ me: me.name, pages, refusal, messenger: await messenger(accounts[0], psid) }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
