"""Recomputes the transcript and the root secrets of protocols/handshake/vectors.json with nothing but hashlib and hmac."""
import hashlib
import hmac
import json
import sys


def labelled(label, *fields):
    out = b''
    for part in (label.encode(), *fields):
        out += len(part).to_bytes(4, 'big') + part
    return out


def hkdf(salt, ikm, info, length):
    prk = hmac.new(salt, ikm, hashlib.sha512).digest()
    out = block = b''
    counter = 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([counter]), hashlib.sha512).digest()
        out += block
        counter += 1
    return out[:length]


with open(sys.argv[1], encoding='utf-8') as file:
    cases = json.load(file)['cases']
for case in cases:
    want = case['outputs']
    pairing = bytes.fromhex(case['inputs'].get('pairing', ''))
    bundle, message = bytes.fromhex(want['bundle']), bytes.fromhex(want['message'])
    bundle_hash = hashlib.sha256(labelled('dure/v1/handshake/bundle-hash', bundle)).digest()
    assert bundle_hash.hex() == want['bundleHash'] and message[2:34] == bundle_hash, case['name']
    said = labelled('dure/v1/handshake/transcript', b'X25519 ML-KEM-1024 HKDF-SHA-512', message, bytes([len(pairing) > 0]))
    transcript = hashlib.sha512(said).digest()
    ikm = b'\xff' * 32 + bytes.fromhex(''.join(want['dh'])) + bytes.fromhex(want['sharedSecret']) + pairing
    secret = hkdf(transcript, ikm, labelled('dure/v1/handshake/root'), 96)
    assert transcript.hex() == want['transcript'], case['name']
    assert secret.hex() == want['root'] + want['headerInitiator'] + want['headerResponder'], case['name']
print(len(cases), 'cases agree')
