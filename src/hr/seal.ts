import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';

/** Encrypts a secret with the key of the settings, so that who reads the database cannot use it. */
export function seal(secret: string, key: string, context: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv(algorithm, bytesOf(key), iv).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return [iv, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url')).join('.');
}

/** Throws where the key or the context is another, or the text was changed. */
export function unseal(sealed: string, key: string, context: string): string {
  const [iv = '', tag = '', text = ''] = sealed.split('.');
  const decipher = createDecipheriv(algorithm, bytesOf(key), Buffer.from(iv, 'base64url'))
    .setAAD(Buffer.from(context))
    .setAuthTag(Buffer.from(tag, 'base64url'));
  const secret = Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]);
  return secret.toString('utf8');
}

/** The key is random and long, so that a plain hash makes 32 bytes of it. */
const bytesOf = (key: string): Buffer => createHash('sha256').update(key).digest();
