"use strict";

// Draws the API's description. All text goes in as text, never as HTML.

const element = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-");

const schemaName = (reference) => reference.split("/").pop();

function typeOf(schema) {
  if (!schema) return document.createTextNode("");
  if (schema.$ref) {
    const name = schemaName(schema.$ref);
    return element("a", { href: `#schema-${slug(name)}` }, name);
  }
  const choices = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (choices) {
    const parts = choices.flatMap((choice, index) => (index === 0 ? [typeOf(choice)] : [" or ", typeOf(choice)]));
    return element("span", {}, ...parts);
  }
  const types = [].concat(schema.type ?? "any");
  if (types.includes("array")) return element("span", {}, "list of ", typeOf(schema.items));
  const text = types.join(" or ") + (schema.format ? ` (${schema.format})` : "");
  const values = schema.enum ? `: ${schema.enum.map(String).join(", ")}` : "";
  return element("code", {}, text + values);
}

const pretty = (value) => element("pre", {}, typeof value === "string" ? value : JSON.stringify(value, null, 2));

function examplesOf(content) {
  if (content.example !== undefined) return [pretty(content.example)];
  return Object.entries(content.examples ?? {}).flatMap(([name, example]) => [element("p", {}, name), pretty(example.value)]);
}

function table(head, rows) {
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell ?? ""))));
  return element("table", {}, element("thead", {}, element("tr", {}, ...head.map((cell) => element("th", {}, cell)))), element("tbody", {}, ...body));
}

function bodyOf(body) {
  return Object.entries(body.content ?? {}).flatMap(([type, content]) => [
    element("p", {}, element("code", {}, type), " ", typeOf(content.schema)),
    ...examplesOf(content),
  ]);
}

function drawRoute(path, method, operation) {
  const id = slug(`${method} ${path}`);
  const section = element("section", { class: "route", id });
  section.append(element("h3", {}, element("span", { class: "method" }, method.toUpperCase()), path));
  for (const text of [operation.summary, operation.description]) if (text) section.append(element("p", {}, text));
  if (operation.parameters?.length) {
    section.append(element("h4", {}, "Parameters"));
    section.append(table(["Name", "In", "Type", ""], operation.parameters.map((parameter) => [
      element("code", {}, parameter.name + (parameter.required ? "" : "?")), parameter.in, typeOf(parameter.schema), parameter.description,
    ])));
  }
  if (operation.requestBody) section.append(element("h4", {}, "Body"), ...bodyOf(operation.requestBody));
  section.append(element("h4", {}, "Answers"));
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const details = element("details", {}, element("summary", {}, element("code", {}, status), " ", response.description ?? ""), ...bodyOf(response));
    if (status.startsWith("2")) details.setAttribute("open", "");
    section.append(details);
  }
  return { id, section };
}

function drawSchema(name, schema) {
  const section = element("section", { class: "route", id: `schema-${slug(name)}` }, element("h3", {}, name));
  if (schema.description) section.append(element("p", {}, schema.description));
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length) {
    section.append(table(["Field", "Type", ""], fields.map(([field, type]) => [
      element("code", {}, field + (required.has(field) ? "" : "?")), typeOf(type), type.description,
    ])));
  } else {
    section.append(element("p", {}, typeOf(schema)));
  }
  return section;
}

async function draw() {
  const api = await (await fetch("/openapi.json")).json();
  document.getElementById("title").textContent = `${api.info.title} ${api.info.version}`;
  for (const paragraph of (api.info.description ?? "").split("\n\n")) {
    document.getElementById("description").append(element("p", {}, paragraph));
  }
  const contents = document.getElementById("contents");
  const routes = document.getElementById("routes");
  routes.replaceChildren();
  const byTag = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? "Other";
      byTag.set(tag, [...(byTag.get(tag) ?? []), [path, method, operation]]);
    }
  }
  for (const [tag, operations] of byTag) {
    contents.append(element("h2", {}, tag));
    routes.append(element("h2", {}, tag));
    for (const [path, method, operation] of operations) {
      const { id, section } = drawRoute(path, method, operation);
      contents.append(element("a", { href: `#${id}` }, `${method.toUpperCase()} ${path}`));
      routes.append(section);
    }
  }
  for (const [name, schema] of Object.entries(api.components?.schemas ?? {})) {
    document.getElementById("schemas").append(drawSchema(name, schema));
  }
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

draw().catch((error) => {
  document.getElementById("routes").textContent = `The API's description could not be read: ${error.message}`;
});
