/** The longest side of a photo as it is sent, pixels, and how well it is kept. */
const LONGEST = 1600;
const QUALITY = 0.85;

/** A photo from a phone, upright and small enough to send. Rejects what the browser cannot show. */
export async function shrunk(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done, fail) => {
    canvas.toBlob((made) => (made === null ? fail(new Error('no picture')) : done(made)), 'image/jpeg', QUALITY);
  });
}
