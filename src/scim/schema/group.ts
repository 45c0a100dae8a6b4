import { common, complex, text, type ResourceType } from './attribute.ts';

const members = complex(
  'members',
  [
    text('value', { caseExact: true }),
    { name: '$ref', type: 'reference' },
    text('display'),
    text('type'),
  ],
  { multiValued: true },
);

export const groupType: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  urn: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  attributes: [...common, text('displayName', { required: true }), members],
  extensions: [],
};
