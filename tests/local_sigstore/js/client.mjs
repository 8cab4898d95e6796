// sigstore-js as a program: `verify BUNDLE ROOT` or `sign PAYLOAD URL TOKEN`, options as JSON in the last argument.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const [verb, modules, ...args] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

function verify(bundlePath, rootPath, optionsText) {
  const { bundleFromJSON } = require('@sigstore/bundle');
  const { TrustedRoot } = require('@sigstore/protobuf-specs');
  const { toSignedEntity, toTrustMaterial, Verifier } = require('@sigstore/verify');
  const { key, ...options } = JSON.parse(optionsText);
  const root = TrustedRoot.fromJSON(read(rootPath));
  const finder = key && (() => ({ publicKey: require('node:crypto').createPublicKey(key), validFor: () => true }));
  const verifier = new Verifier(toTrustMaterial(root, finder), options.thresholds);
  const signer = verifier.verify(toSignedEntity(bundleFromJSON(read(bundlePath))), options.policy);
  return signer.identity?.subjectAlternativeName ?? 'a key';
}

async function sign(payloadPath, url, token) {
  const { CIContextProvider: _, DSSEBundleBuilder, FulcioSigner, RekorWitness, TSAWitness } = require('@sigstore/sign');
  const { bundleToJSON } = require('@sigstore/bundle');
  const identityProvider = { getToken: async () => token };
  const builder = new DSSEBundleBuilder({
    signer: new FulcioSigner({ fulcioBaseURL: url, identityProvider }),
    witnesses: [new RekorWitness({ rekorBaseURL: url }), new TSAWitness({ tsaBaseURL: url })],
  });
  const data = readFileSync(payloadPath);
  const bundle = await builder.create({ data, type: 'application/vnd.in-toto+json' });
  return JSON.stringify(bundleToJSON(bundle));
}

try {
  console.log(await { verify, sign }[verb](...args));
} catch (error) {
  console.log(`${error.code ?? error.name}: ${error.message}`);
  process.exitCode = 1;
}
