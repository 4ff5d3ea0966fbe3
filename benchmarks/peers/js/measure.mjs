// The JavaScript reference implementation at the same work: one job on standard input, its rates on standard output.
import {readFileSync} from 'node:fs';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import jsigs from 'jsonld-signatures';

const {purposes: {AssertionProofPurpose}} = jsigs;
const job = JSON.parse(readFileSync(0, 'utf8'));

const documentLoader = async url => {
  const document = job.documents[url];
  if(!document) {
    throw new Error(`${url} was not given.`);
  }
  return {contextUrl: null, document, documentUrl: url, tag: 'static'};
};

const keyPair = await Ed25519Multikey.from(job.key);
const sign = document => jsigs.sign(structuredClone(document), {
  suite: new DataIntegrityProof({signer: keyPair.signer(), date: job.created, cryptosuite}),
  purpose: new AssertionProofPurpose(),
  documentLoader
});
const verify = async document => {
  const result = await jsigs.verify(document, {
    suite: new DataIntegrityProof({cryptosuite}),
    purpose: new AssertionProofPurpose(),
    documentLoader
  });
  if(!result.verified) {
    throw result.error;
  }
};

// seconds of processor time, as the others are measured
const cpu = () => {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1e6;
};

const rates = async (work, inputs) => {
  const found = [];
  for(let round = -1; round < job.rounds; round++) {
    const start = cpu();
    let done = 0;
    while(cpu() - start < job.seconds) {
      await work(inputs[done++ % inputs.length]);
    }
    if(round >= 0) { // the first round warms up
      found.push(done / (cpu() - start));
    }
  }
  return found;
};

const signed = [];
for(const document of job.credentials) {
  signed.push(await sign(document));
}
process.stdout.write(JSON.stringify({
  proofs: signed.map(document => document.proof.proofValue),
  sign: await rates(sign, job.credentials),
  verify: await rates(verify, signed)
}));
