// The same work as webhook-ingest, as one would write it in Node: signature over the raw body, entries out of the
// envelope, one persistent message for each, and 200 after the broker's confirm.
//
// Environment: AMQP_URL, QUEUE, APP_SECRET. Prints its port.
import { createHmac, timingSafeEqual } from 'node:crypto';
import amqp from 'amqplib/callback_api';
import express from 'express';

const { AMQP_URL, QUEUE, APP_SECRET } = process.env;

function isSigned(body, header) {
  const given = Buffer.from(header?.replace(/^sha256=/, '') ?? '', 'hex');
  const expected = createHmac('sha256', APP_SECRET).update(body).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function serve(channel) {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.post('/api/webhook', express.raw({ type: '*/*', limit: '3mb' }), (request, response) => {
    if (!isSigned(request.body, request.get('x-hub-signature-256'))) {
      response.sendStatus(403);
      return;
    }
    const entries = JSON.parse(request.body).entry;
    let unconfirmed = entries.length;
    for (const entry of entries) {
      const options = { persistent: true, mandatory: true };
      channel.sendToQueue(QUEUE, Buffer.from(JSON.stringify(entry)), options, (error) => {
        if (error && !response.headersSent) response.sendStatus(503);
        unconfirmed -= 1;
        if (unconfirmed === 0 && !response.headersSent) response.sendStatus(200);
      });
    }
  });
  const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
}

amqp.connect(AMQP_URL, (refused, connection) => {
  if (refused) throw refused;
  connection.createConfirmChannel((error, channel) => {
    if (error) throw error;
    serve(channel);
  });
});
