// SPDX-License-Identifier: Apache-2.0
// Prints an HCL document as JSON: hcl.js FILE. The packages are those of NODE_PATH.
'use strict';

const fs = require('fs');
const { parse } = require('@cdktf/hcl2json');

const file = process.argv[2];
parse(file, fs.readFileSync(file, 'utf8')).then(
  (json) => process.stdout.write(JSON.stringify(json)),
  (error) => {
    process.stderr.write(`${error}\n`);
    process.exitCode = 1;
  },
);
