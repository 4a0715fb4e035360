// SPDX-License-Identifier: Apache-2.0
// Prints AWS's specification of CloudFormation resources as JSON: specification.js TYPE…
// {"resources": {TYPE: {"properties": …, "attributes": …}}, "types": {ID: {"properties": …}}}, each property with
// "required" and "type", where {"type": "ref", "reference": {"$ref": ID}} is one of the types.
'use strict';

const { loadAwsServiceSpecSync } = require('@aws-cdk/aws-service-spec');

const database = loadAwsServiceSpecSync();
const types = {};

// Follows a property's type, through arrays, maps and unions, to the types that it is made of.
function follow(type) {
  if (type.type === 'ref') {
    add(type.reference);
  }
  [type.element, ...(type.types || [])].filter(Boolean).forEach(follow);
}

function plain(properties) {
  return Object.fromEntries(
    Object.entries(properties).map(([name, { type, required }]) => {
      follow(type);
      return [name, { type, required: Boolean(required) }];
    }),
  );
}

function add(reference) {
  if (!(reference.$ref in types)) {
    types[reference.$ref] = {};
    types[reference.$ref].properties = plain(database.get('typeDefinition', reference).properties);
  }
}

const resources = Object.fromEntries(
  process.argv.slice(2).map((name) => {
    const found = database.lookup('resource', 'cloudFormationType', 'equals', name);
    return [name, found.length === 1 && {
      properties: plain(found.only().properties),
      attributes: Object.keys(found.only().attributes),
    }];
  }),
);
process.stdout.write(JSON.stringify({ resources, types }));
