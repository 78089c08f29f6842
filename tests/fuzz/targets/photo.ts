import { cleanPhoto } from '../../../gateway/exchange/clean-photo.ts';
import { jpeg, png, segment } from '../../helpers/photos.ts';
import { sometimesBent } from '../json.ts';
import { hold, plain, type Target } from '../target.ts';

/** A file that somebody uploads as a photo: cleaned once it is clean, whatever it is. */
export const photo: Target = {
  name: 'photo',
  covers: ['gateway/exchange/clean-photo.ts'],
  words: ['Exif\0\0MM\0*', 'Adobe', 'IHDR', 'IDAT', 'IEND', 'tEXt', '\xff\xd8\xff', '\xff\xd9', '\x89PNG'],
  make(random) {
    const extra = [segment(0xe1, Buffer.from('Exif\0\0MM\0*\0\0\0\x08', 'latin1')), segment(0xee, Buffer.from('Adobe\0d\0\0\0\0\0')), segment(0xfe, Buffer.from('taken at home'))];
    return sometimesBent(random.any([jpeg([]), jpeg(extra), png([])]) ?? Buffer.alloc(0), random);
  },
  open: plain((input) => {
    const cleaned = cleanPhoto(input);
    if (cleaned === undefined) return;
    const again = cleanPhoto(cleaned.bytes);
    hold(again?.type === cleaned.type && Buffer.from(again.bytes).equals(Buffer.from(cleaned.bytes)), 'a clean photo is cleaned into another');
  }),
};
