#!/bin/sh
curl -H "Content-Type: text/lustre-init" http://example.com/
