'use strict';
// Logs a person in with passport-facebook, the whole way: to the dialog, back with the code, token, profile. Only the
// addresses are changed; a control call plays the person at the dialog.
//
// Arguments: base address, app id, app secret, the person's name. Prints what the app learnt as JSON.

const http = require('node:http');
const passport = require('passport');
const { Strategy } = require('passport-facebook');

const [base, clientID, clientSecret, person] = process.argv.slice(2);
const SCOPE = ['public_profile', 'email', 'pages_show_list'];

function handle(request, response) {
  const url = new URL(request.url, 'http://localhost');
  request.query = Object.fromEntries(url.searchParams);
  const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const done = (error, user, info) => (error ? answer(500, { name: error.name, code: error.code }) : answer(200, user || info));
  passport.authenticate('facebook', { session: false, scope: SCOPE }, done)(request, response);
}

async function roundTrip(app, choice) {
  const login = await fetch(`${app}/auth/facebook`, { redirect: 'manual' });
  const asked = await fetch(`${base}/_sim/oauth/approve`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login_url: login.headers.get('location'), person, ...choice }),
  });
  const { redirect_url: back } = await asked.json();
  const learnt = await fetch(back);
  return { status: learnt.status, body: await learnt.json(), back };
}

async function main() {
  const server = http.createServer(handle).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const app = `http://127.0.0.1:${server.address().port}`;
  const options = {
    clientID,
    clientSecret,
    callbackURL: `${app}/auth/facebook/callback`,
    authorizationURL: `${base}/v25.0/dialog/oauth`,
    tokenURL: `${base}/v25.0/oauth/access_token`,
    profileURL: `${base}/v25.0/me`,
    profileFields: ['id', 'displayName', 'email'],
    enableProof: true,
  };
  const verify = (token, _refresh, profile, done) => done(null, { token, id: profile.id, name: profile.displayName, emails: profile.emails });
  passport.use(new Strategy(options, verify));
  const allowed = await roundTrip(app, {});
  const withoutEmail = await roundTrip(app, { decline: ['email'] });
  const cancelled = await roundTrip(app, { cancel: true });
  const reused = await fetch(allowed.back);
  server.close();
  console.log(JSON.stringify({ allowed, withoutEmail, cancelled, reused: { status: reused.status, body: await reused.json() } }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
