import { z } from 'zod';

/** Envelope of every list; Graph's largest page of directory objects is 999. */
export const pageBody = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
});
export const pageSize = 999;
