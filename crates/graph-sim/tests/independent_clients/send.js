'use strict';
// Answers a customer with a client that others wrote; only the host is changed.
//
// Arguments: base address, app id, app secret, Page token, PSID of a customer who has just written. Prints the answers as
// JSON.

const { MessengerClient } = require('messaging-api-messenger');

const [base, appId, appSecret, accessToken, psid] = process.argv.slice(2);

async function main() {
  const client = new MessengerClient({ accessToken, appId, appSecret, version: '25.0', origin: base });
  const refused = (promise) => promise.then(() => null, (error) => error.response.data.error.code);
  const text = await client.sendText(psid, 'Yes, until 18.');
  const image = await client.sendImage(psid, 'https://example.com/menu.png');
  const choice = await client.sendMessage(psid, {
    text: 'Which one?',
    quickReplies: [{ contentType: 'text', title: 'Red', payload: 'colour:red' }],
  });
  const human = await client.sendText(psid, 'Sorry for the wait', { tag: 'HUMAN_AGENT' });
  const actions = [await client.typingOn(psid), await client.typingOff(psid), await client.markSeen(psid)];
  const refusals = [await refused(client.sendText('12345', 'Hello')), await refused(client.sendText(psid, 'x'.repeat(2_000)))];
  console.log(JSON.stringify({ sent: [text, image, choice, human].map((one) => one.messageId), actions, refusals }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
