import { SLOT_HEADER } from '../../../gateway/journal/slot-file.ts';
import { addRecords, emptyImage, type Image } from '../../../gateway/journal/slot-image.ts';

/** A fresh image with the header alone. */
export function newSlotImage(): Image {
  const image = emptyImage();
  addRecords(image, Buffer.from(SLOT_HEADER), SLOT_HEADER.length);
  return image;
}
