/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The table of keys as documents. New texts, freed by the caller; NULL when out of memory. */

/* The JSON schema (draft 7) that editors complete with; YAML and JSON alike. */
char *spec_document_schema(void);

/* The man page lustre-init.yaml(5), in mdoc(7). */
char *spec_document_man(void);
