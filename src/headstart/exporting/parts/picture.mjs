// From a picture to the tensor that the model takes.

/** A File or Blob as upright RGB of any size; the model resizes it itself. */
export async function tensor(picture, asked) {
  const { data, height, width } = reduced(await pixels(picture), asked.decode_at_least);
  return { type: "uint8", data, dims: [1, height, width, 3] };
}

/** RGB of a picture, upright, transparency on white. */
async function pixels(picture) {
  const options = { imageOrientation: "from-image", colorSpaceConversion: "none" };
  const bitmap = await createImageBitmap(picture, options).catch(() => {
    throw new Error(`${picture.name ?? "it"} is not a picture that this browser can read`);
  });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  const data = new Uint8Array(bitmap.width * bitmap.height * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    data[to++] = rgba[from];
    data[to++] = rgba[from + 1];
    data[to++] = rgba[from + 2];
  }
  return { data, height: bitmap.height, width: bitmap.width };
}

/** Large pictures at 1/2, 1/4 or 1/8 by means of squares, as a JPEG decoder does it: the model resizes what is left. */
export function reduced({ data, height, width }, [least, leastWidth]) {
  const by = [8, 4, 2].find((each) => height / each >= least && width / each >= leastWidth) ?? 1;
  if (by === 1) return { data, height, width };
  const [rows, columns] = [Math.ceil(height / by), Math.ceil(width / by)];
  const small = new Uint8Array(rows * columns * 3);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let i = 0; i < by * by; i++) {
          const row = Math.min(y * by + Math.floor(i / by), height - 1);
          sum += data[(row * width + Math.min(x * by + (i % by), width - 1)) * 3 + c];
        }
        small[(y * columns + x) * 3 + c] = Math.round(sum / (by * by));
      }
    }
  }
  return { data: small, height: rows, width: columns };
}
