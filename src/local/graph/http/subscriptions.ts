import { randomUUID } from 'node:crypto';
import { validateEndpoint } from '../notify/handshake.ts';
import { parseResource, type Subscription } from '../notify/subscription.ts';
import {
  badRequest,
  contextOf,
  failure,
  isReply,
  NO_CONTENT,
  ok,
  type GraphReply,
  type GraphRequest,
} from './exchange.ts';
import { readRenewal, readWanted, type Wanted } from './subscription-input.ts';

const PER_APP_AND_RESOURCE = 100;

/** `POST /subscriptions`: both URLs are validated before it answers. */
export async function createSubscription(request: GraphRequest): Promise<GraphReply> {
  const wanted = readWanted(request.body, request.tenant.clock.now());
  if (isReply(wanted)) return wanted;
  const refusal = checkRoom(request, wanted);
  if (refusal) return refusal;
  const urls = [wanted.notificationUrl, wanted.lifecycleNotificationUrl].filter(
    (url) => url !== null,
  );
  const failed = await validateAll(request, urls);
  if (failed) return failed;
  // Another request may have created the same one during the handshake.
  const double = checkRoom(request, wanted);
  if (double) return double;
  const subscription: Subscription = {
    id: randomUUID(),
    ...wanted,
    applicationId: request.appId,
    creatorId: request.appId,
    latestSupportedTlsVersion: 'v1_2',
    notificationContentType: 'application/json',
  };
  request.tenant.subscriptions.put(subscription);
  return { status: 201, body: show(request, subscription) };
}

/** `GET /subscriptions`: of this application only, without `clientState`. */
export function listSubscriptions(request: GraphRequest): GraphReply {
  const value = own(request).map((subscription) => ({ ...subscription, clientState: null }));
  return ok({ ...contextOf(request, 'subscriptions'), value });
}

export function getSubscription(request: GraphRequest): GraphReply {
  const subscription = find(request);
  return subscription ? ok({ ...show(request, subscription), clientState: null }) : missing();
}

/** `PATCH /subscriptions/{id}`: a later expiry, another notification URL, or both. */
export async function renewSubscription(request: GraphRequest): Promise<GraphReply> {
  const subscription = find(request);
  if (!subscription) return missing();
  const renewal = readRenewal(request.body, request.tenant.clock.now());
  if (isReply(renewal)) return renewal;
  const failed = await revalidate(request, renewal.notificationUrl ?? subscription.notificationUrl);
  if (failed) return failed;
  if (!find(request)) return missing();
  const renewed = { ...subscription, ...renewal };
  request.tenant.subscriptions.put(renewed);
  return ok({ ...show(request, renewed), clientState: null });
}

export async function reauthorizeSubscription(request: GraphRequest): Promise<GraphReply> {
  const subscription = find(request);
  if (!subscription) return missing();
  return (await revalidate(request, subscription.notificationUrl)) ?? NO_CONTENT;
}

export function deleteSubscription(request: GraphRequest): GraphReply {
  const subscription = find(request);
  if (!subscription) return missing();
  request.tenant.subscriptions.remove(subscription.id);
  return NO_CONTENT;
}

function checkRoom(
  request: GraphRequest,
  { resource, changeType }: Wanted,
): GraphReply | undefined {
  const { tenant, appId } = request;
  const double = tenant.subscriptions.findDouble(appId, resource, changeType);
  if (double) {
    return failure(
      409,
      'ExtensionError',
      `Subscription Id ${double.id} already exists for the requested combination`,
    );
  }
  const collectionOf = (text: string) => parseResource(text)?.collection;
  const collection = collectionOf(resource);
  const alike = own(request).filter((each) => collectionOf(each.resource) === collection);
  if (alike.length < PER_APP_AND_RESOURCE) return undefined;
  return failure(
    403,
    'Forbidden',
    `Application reached the limit of ${PER_APP_AND_RESOURCE} subscriptions for this tenant.`,
  );
}

async function revalidate(request: GraphRequest, url: string): Promise<GraphReply | undefined> {
  return request.tenant.faults.renewalValidates ? validateAll(request, [url]) : undefined;
}

async function validateAll(
  { tenant }: GraphRequest,
  urls: readonly string[],
): Promise<GraphReply | undefined> {
  const handshakes = await Promise.all(
    urls.map((url) => validateEndpoint(url, tenant.handshakeTimeoutMs)),
  );
  const failed = handshakes.find((handshake) => handshake !== 'valid');
  if (!failed) return undefined;
  if (failed === 'timedOut') {
    return badRequest('Subscription validation request timed out.', 'InvalidRequest');
  }
  return badRequest(`Subscription validation request failed. ${failed.refused}`, 'ValidationError');
}

function own({ tenant, appId }: GraphRequest): Subscription[] {
  return tenant.subscriptions.list().filter(({ applicationId }) => applicationId === appId);
}

function find({ tenant, appId, segments }: GraphRequest): Subscription | undefined {
  const id = segments[1] ?? '';
  if (tenant.chance('subscriptionVanishRate')) tenant.subscriptions.remove(id);
  const subscription = tenant.subscriptions.get(id);
  return subscription?.applicationId === appId ? subscription : undefined;
}

function missing(): GraphReply {
  return failure(404, 'ResourceNotFound', 'The object was not found.');
}

function show(request: GraphRequest, subscription: Subscription): object {
  return { ...contextOf(request, 'subscriptions/$entity'), ...subscription };
}
