// Drives a sandbox by the vendor's npm package, and tells what it saw.
//
// Usage: node neighbour.js PLAN_FILE PACKAGE_FOLDER < CONNECTION, the line of `waitwise sandbox --output=json`.
// Writes one JSON object: {"sdk", "sent": [...], "absent": [...], "losses": [...], "counts": {...}}.

'use strict';

const fs = require('fs');
const path = require('path');

const POLLS_MAX = 50;
const PAGES_MAX = 10000;

const [, , planFile, folder] = process.argv;
const sdk = require(folder);
const version = require(path.join(folder, 'package.json')).version;

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

class Neighbour {
  constructor(connection, plan) {
    this.connection = connection;
    this.known = { queue: connection.queue_id, interval: plan.interval, sdk: 'npm' };
    this.sent = [];
    this.absent = [];
    this.losses = [];
    this.counts = {};
    this.raw = null;
    this.client = sdk.ApiClient.instance;
    const url = new URL(connection.api_url);
    // One origin for sign-in and API: what the package calls a gateway.
    this.client.setGateway({
      host: url.hostname,
      protocol: url.protocol.replace(':', ''),
      port: Number(url.port),
      path_params_login: '',
      path_params_api: '',
    });
  }

  async signIn() {
    this.record();
    await this.client.loginClientCredentialsGrant(this.connection.client_id, this.connection.client_secret);
  }

  // The package hands on what its HTTP client parsed; here that client keeps the text as well.
  record() {
    const http = this.client.getHttpClient();
    const request = http.request.bind(http);
    http.request = async (options) => {
      this.sent.push([options.method, options.url.replace(this.connection.api_url, '')]);
      const config = http.toAxiosConfig(options);
      config.transformResponse = [
        (text) => {
          this.raw = text;
          try {
            return JSON.parse(text);
          } catch {
            return text;
          }
        },
      ];
      return http._axiosInstance ? http._axiosInstance.request(config) : request(options);
    };
  }

  async run(step) {
    const ids = this.filled(step.ids ?? []);
    const body = this.filled(step.body);
    const options = {};
    for (const [name, value] of Object.entries(step.options ?? {})) options[camel(name)] = this.filled(value);
    if (step.size) options.pageSize = step.size;
    const seen = new Set();
    const began = new Set();
    const day = this.known.interval.slice(0, 10);
    for (let number = 1; number < PAGES_MAX; number += 1) {
      if (step.pages === 'number') options.pageNumber = number;
      if (step.pages === 'body') body.paging.pageNumber = number;
      const answer = await this.call(step, ids, body, options);
      for (const [name, pointer] of Object.entries(step.keep ?? {})) this.known[name] ??= at(answer, pointer);
      const entities = answer?.entities ?? answer?.conversations ?? [];
      for (const entity of entities) {
        const identity = entity.id ?? entity.conversationId ?? entity.key ?? JSON.stringify(entity);
        seen.add(identity);
        if (entity.conversationStart?.startsWith(day)) began.add(identity);
      }
      if (this.ended(step, answer, entities, number, options)) break;
    }
    if (step.count) this.counts[step.count] = seen.size;
    if (step.began) this.counts[step.began] = began.size;
  }

  ended(step, answer, entities, number, options) {
    if (step.until) return at(answer, step.until[0]) === step.until[1] || number >= POLLS_MAX;
    if (step.pages === 'number') return !answer.nextUri;
    if (step.pages === 'body') return entities.length === 0;
    if (step.pages === 'cursor') {
      options.cursor = answer.cursor;
      return !answer.cursor;
    }
    return true;
  }

  async call(step, ids, body, options) {
    const api = new sdk[step.api]();
    const args = [...ids, ...(body === undefined ? [] : [body]), options];
    const answer = await api[camel(step.call)](...args);
    const raw = this.raw ? JSON.parse(this.raw) : undefined;
    const again = answer ? JSON.parse(JSON.stringify(answer)) : undefined;
    for (const loss of losses(raw, again, '')) this.losses.push(`${step.call} ${loss}`);
    return raw;
  }

  filled(value) {
    if (typeof value === 'string') {
      return value.replace(/\$([a-z]+)\b/g, (whole, name) => this.known[name] ?? whole);
    }
    if (Array.isArray(value)) return value.map((item) => this.filled(item));
    if (value && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.filled(item)]));
    }
    return value;
  }
}

function at(value, pointer) {
  return pointer.split('/').slice(1).reduce((inner, name) => inner?.[name], value);
}

function* losses(raw, again, place) {
  if (raw && again && typeof raw === 'object' && typeof again === 'object' && Array.isArray(raw) === Array.isArray(again)) {
    for (const name of new Set([...Object.keys(raw), ...Object.keys(again)])) {
      yield* losses(raw[name], again[name], `${place}/${name}`);
    }
  } else if (raw !== again) {
    yield `${place} is ${typeof again} instead of ${typeof raw}`;
  }
}

async function main() {
  const plan = JSON.parse(fs.readFileSync(planFile, 'utf8'));
  const neighbour = new Neighbour(JSON.parse(fs.readFileSync(0, 'utf8').split('\n')[0]), plan);
  await neighbour.signIn();
  for (const step of plan.steps) {
    try {
      await neighbour.run(step);
    } catch (error) {
      if (error?.status !== 404) throw error instanceof Error ? error : new Error(`${step.call}: ${JSON.stringify(error)}`);
      neighbour.absent.push(step.call);
    }
  }
  const { sent, absent, losses: lost, counts } = neighbour;
  process.stdout.write(JSON.stringify({ sdk: `purecloud-platform-client-v2 ${version}`, sent, absent, losses: lost, counts }));
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
