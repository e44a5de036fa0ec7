'use strict';
// The phone talks to the control API only; see the README.

const state = { people: [], pages: [], customers: [], page: null, psid: null, drawn: '', drawnPeople: '' };
const at = (id) => document.getElementById(id);

async function ask(method, path, body) {
  const response = await fetch('/_sim' + path, {
    method,
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  at('problem').hidden = true;
  return answer;
}

function tell(error) {
  at('problem').textContent = error.message;
  at('problem').hidden = false;
}

const attempt = (action) => (...args) => action(...args).catch(tell);

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const picture = (kind, id) => make('img', { src: `/_cdn/${kind}/${id}.png`, alt: '' });
const time = (ms) => new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
const day = (ms) => new Date(ms).toLocaleDateString([], { day: 'numeric', month: 'short', year: 'numeric' });

const moment = (ms) => (day(ms) === day(Date.now()) ? time(ms) : day(ms));

async function loadPeople() {
  const people = await ask('GET', '/people');
  const drawn = JSON.stringify(people);
  // A menu that is open would be closed.
  if (drawn === state.drawnPeople) return;
  state.drawnPeople = drawn;
  at('people').replaceChildren(...people.map((person) => {
    const pages = person.pages.map((page) => page.name);
    const shown = pages.length > 3 ? `${pages.slice(0, 2).join(', ')} and ${pages.length - 2} more` : pages.join(', ');
    return make('li', {}, picture('people', person.id),
      make('div', {}, make('b', { textContent: person.name }), make('small', { textContent: shown || 'no Pages' })));
  }));
  for (const id of ['kill-person', 'permissions-person']) {
    const kept = at(id).value;
    at(id).replaceChildren(...people.map((person) => make('option', { value: person.id, textContent: person.name })));
    if (kept) at(id).value = kept;
  }
  state.people = people;
  showPermissions();
}

function showPermissions() {
  const person = state.people.find((one) => one.id === at('permissions-person').value);
  const scopes = person?.scopes ?? [];
  const none = make('li', { className: 'hint', textContent: 'Nothing: this person has not logged in to the app.' });
  at('granted').replaceChildren(...(scopes.length === 0 ? [none] : scopes.map((scope) => {
    const button = make('button', { type: 'button', textContent: 'Take back', ariaLabel: `Take back ${scope}` });
    button.addEventListener('click', attempt(async () => {
      await ask('DELETE', `/people/${person.id}/permissions/${scope}`);
      await loadPeople();
    }));
    return make('li', {}, make('span', { textContent: scope }), button);
  })));
}

async function loadPosts() {
  if (!state.page || state.pages.find((page) => page.id === state.page)?.isInstagram) {
    at('post').replaceChildren();
    return;
  }
  const posts = await ask('GET', `/pages/${state.page}/posts`);
  const words = (post) => (post.message ?? 'a picture').slice(0, 60);
  at('post').replaceChildren(...posts.filter((post) => post.published).map((post) =>
    make('option', { value: post.id, textContent: `${day(post.at_ms)}: ${words(post)}` })));
}

async function loadPages() {
  const pages = await ask('GET', '/pages');
  // A linked Instagram account has an inbox of its own.
  const accounts = pages.filter((page) => page.instagram).map((page) =>
    ({ id: page.instagram.id, name: `@${page.instagram.username} on Instagram`, isInstagram: true }));
  state.pages = [...pages, ...accounts];
  at('page').replaceChildren(...state.pages.map((page) => make('option', { value: page.id, textContent: page.name })));
  const remembered = new URLSearchParams(location.hash.slice(1)).get('page');
  state.page = state.pages.some((page) => page.id === remembered) ? remembered : state.pages[0]?.id;
  if (state.page) at('page').value = state.page;
}

async function showCustomers() {
  if (!state.page) return;
  at('page-picture').src = `/_cdn/pages/${state.page}.png`;
  const query = new URLSearchParams({ limit: '30', q: at('search').value });
  state.customers = await ask('GET', `/pages/${state.page}/customers?${query}`);
  at('customers').replaceChildren(...state.customers.map((customer) => {
    const item = make('li', { tabIndex: 0 }, picture('customers', customer.psid),
      make('div', {}, make('b', { textContent: customer.name }), make('span', { textContent: customer.last_text || 'sent a picture' })),
      make('time', { textContent: moment(customer.updated_ms) }));
    const open = attempt(() => openThread(customer.psid, customer.name));
    item.addEventListener('click', open);
    item.addEventListener('keydown', (event) => { if (event.key === 'Enter') open(); });
    return item;
  }));
}

function showThreadScreen(open, isNew) {
  at('chats').hidden = open;
  at('thread').hidden = !open;
  at('compose').hidden = !open;
  at('back').hidden = !open;
  at('name').hidden = !isNew;
  at('name').required = isNew;
}

async function openThread(psid, name) {
  state.psid = psid;
  state.drawn = '';
  at('as').textContent = `you are ${name}`;
  showThreadScreen(true, false);
  await showThread();
  at('text').focus();
}

function openNewCustomer() {
  state.psid = null;
  state.drawn = '';
  at('as').textContent = 'you are somebody new';
  at('start').textContent = 'A first message makes the customer.';
  at('messages').replaceChildren();
  at('name').value = '';
  showThreadScreen(true, true);
  at('name').focus();
}

function bubble(message) {
  const item = make('li', { className: message.from_page ? 'page' : 'customer', title: time(message.timestamp), dir: 'auto' });
  if (message.text) item.append(message.text);
  for (const attachment of message.attachments) {
    item.append(attachment.kind === 'image' ? make('img', { src: attachment.url || `/_cdn/attachments/${attachment.id}.png`, alt: 'picture' }) : `[${attachment.kind}]`);
  }
  return item;
}

async function showThread() {
  if (!state.psid) return;
  const messages = await ask('GET', `/pages/${state.page}/customers/${state.psid}/messages?limit=100`);
  const drawn = messages.map((message) => message.mid).join();
  if (drawn === state.drawn) return;
  state.drawn = drawn;
  at('start').textContent = messages.length === 100 ? 'Older messages are not shown here.' : '';
  const items = [];
  let last = '';
  for (const message of messages.reverse()) {
    const when = day(message.timestamp);
    if (when !== last) items.push(make('li', { className: 'when', textContent: when }));
    last = when;
    items.push(bubble(message));
  }
  at('messages').replaceChildren(...items);
  at('thread').scrollTop = at('thread').scrollHeight;
}

async function send(body) {
  const name = at('name').value.trim();
  const whom = state.psid ? { psid: state.psid } : { customer_name: name };
  if (!state.psid && !name) { at('name').focus(); return; }
  const sent = await ask('POST', `/pages/${state.page}/messages`, { ...whom, ...body });
  if (!state.psid) await openThread(sent.psid, name);
  await showThread();
}

async function showMachine() {
  const [clock, webhooks, calls] = await Promise.all([ask('GET', '/clock'), ask('GET', '/webhooks'), ask('GET', '/calls?limit=8')]);
  at('clock').textContent = new Date(clock.now_ms).toLocaleString();
  at('clock-mode').textContent = clock.mode === 'auto' ? (clock.scale === 1 ? 'runs' : `runs ${clock.scale} times as fast`) : 'stands still';
  const figures = { delivered: webhooks.totals.delivered_entries, 'failed requests': webhooks.totals.failed_requests, pending: webhooks.queue.pending, 'waiting for another try': webhooks.queue.waiting };
  at('webhooks').replaceChildren(...Object.entries(figures).map(([name, count]) => make('div', {}, make('dt', { textContent: name }), make('dd', { textContent: count }))));
  at('subscription').textContent = webhooks.app_subscription ? `Sent to ${webhooks.app_subscription.callback_url}` : 'The app has not subscribed yet: messages are kept, and nobody is told.';
  at('calls').replaceChildren(...calls.map((call) => make('li', {},
    make('span', { textContent: time(call.at_ms) }),
    make('span', { className: call.code ? 'bad' : '', textContent: call.code ? `${call.code}${call.subcode ? '/' + call.subcode : ''}` : call.status }),
    make('span', { textContent: call.endpoint }))));
}

at('page').addEventListener('change', attempt(async () => {
  state.page = at('page').value;
  history.replaceState(null, '', '#page=' + state.page);
  await Promise.all([closeThread(), loadPosts()]);
}));
async function closeThread() {
  state.psid = null;
  at('as').textContent = '';
  showThreadScreen(false, false);
  await showCustomers();
}
at('back').addEventListener('click', attempt(closeThread));
at('search').addEventListener('input', attempt(showCustomers));
at('new-customer').addEventListener('click', openNewCustomer);
at('photo').addEventListener('click', attempt(() => send({ attachments: [{ type: 'image' }] })));
at('compose').addEventListener('submit', attempt(async (event) => {
  event.preventDefault();
  const text = at('text').value;
  if (!text.trim()) return;
  at('text').value = '';
  await send({ text });
}));
for (const button of document.querySelectorAll('[data-advance]')) {
  button.addEventListener('click', attempt(async () => {
    await ask('POST', '/clock/advance', { seconds: Number(button.dataset.advance) });
    await showMachine();
  }));
}
at('kill').addEventListener('submit', attempt(async (event) => {
  event.preventDefault();
  const { killed } = await ask('POST', '/tokens/kill', { person: at('kill-person').value, reason: at('kill-reason').value });
  at('killed').textContent = `${killed} token${killed === 1 ? '' : 's'} ended.`;
}));

at('comment').addEventListener('submit', attempt(async (event) => {
  event.preventDefault();
  const [name, text] = [at('comment-name').value.trim(), at('comment-text').value.trim()];
  await ask('POST', `/pages/${state.page}/posts/${at('post').value}/comments`, { customer_name: name, text });
  at('comment-text').value = '';
  at('commented').textContent = `${name} commented.`;
}));
at('permissions-person').addEventListener('change', showPermissions);

async function refresh() {
  if (document.hidden) return;
  await (at('thread').hidden ? (document.activeElement === at('search') ? null : showCustomers()) : showThread());
  await Promise.all([showMachine(), loadPeople()]);
}
attempt(async () => {
  await Promise.all([loadPeople(), loadPages()]);
  await Promise.all([showCustomers(), loadPosts()]);
  await showMachine();
})();
setInterval(attempt(refresh), 1000);
