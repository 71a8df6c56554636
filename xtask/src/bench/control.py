"""Asks a control route of the sandbox: CA_FILE METHOD URL [BODY_FILE]; prints the answer."""

import sys

import requests

ca_file, method, url, *body_file = sys.argv[1:]
body = open(body_file[0], "rb").read() if body_file else None
response = requests.request(method, url, data=body, verify=ca_file)
response.raise_for_status()
print(response.text)
