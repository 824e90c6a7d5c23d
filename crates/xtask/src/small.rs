//! A picture in 256 colours: a screen has few, and a README should load at once.

use anyhow::{Context, Result, ensure};
use std::collections::HashMap;
use std::io::Cursor;

/// Colours of a palette.
const COLOURS: usize = 256;

type Colour = [u8; 3];

/// The same picture with the colours it uses most; others become the nearest of those.
///
/// # Errors
/// When the bytes are no PNG of eight bits a channel.
pub fn small(picture: &[u8]) -> Result<Vec<u8>> {
    let mut reader = png::Decoder::new(Cursor::new(picture)).read_info().context("no PNG")?;
    let mut bytes = vec![0; reader.output_buffer_size().context("a picture too large")?];
    let frame = reader.next_frame(&mut bytes).context("no picture")?;
    let width = frame.color_type.samples();
    ensure!(frame.bit_depth == png::BitDepth::Eight && width >= 3, "an unusual PNG");
    let pixels: Vec<Colour> =
        bytes[..frame.buffer_size()].chunks_exact(width).map(|p| [p[0], p[1], p[2]]).collect();
    let palette = palette(&pixels);
    let mut nearest: HashMap<Colour, u8> = HashMap::new();
    let indices: Vec<u8> = pixels
        .iter()
        .map(|colour| *nearest.entry(*colour).or_insert_with(|| index(&palette, *colour)))
        .collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, frame.width, frame.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.write_header()?.write_image_data(&indices)?;
    Ok(out)
}

/// The most frequent colours, shades that no eye tells apart counted as one.
fn palette(pixels: &[Colour]) -> Vec<Colour> {
    let mut shades: HashMap<Colour, HashMap<Colour, usize>> = HashMap::new();
    for colour in pixels {
        let shade = colour.map(|part| part >> 3);
        *shades.entry(shade).or_default().entry(*colour).or_default() += 1;
    }
    let mut counted: Vec<(usize, Colour)> = shades
        .into_values()
        .filter_map(|colours| {
            let all = colours.values().sum();
            colours
                .into_iter()
                .max_by_key(|&(colour, count)| (count, colour))
                .map(|(c, _)| (all, c))
        })
        .collect();
    counted.sort_unstable_by(|a, b| b.cmp(a));
    counted.into_iter().take(COLOURS).map(|(_, colour)| colour).collect()
}

/// The place of the colour nearest to `colour`.
fn index(palette: &[Colour], colour: Colour) -> u8 {
    let distance = |other: &Colour| -> i32 {
        let apart = |at: usize| i32::from(other[at]) - i32::from(colour[at]);
        (0..3).map(|at| apart(at) * apart(at)).sum()
    };
    let nearest = palette.iter().enumerate().min_by_key(|(_, other)| distance(other));
    nearest.and_then(|(at, _)| u8::try_from(at).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_size_and_its_few_colours() {
        let mut picture = Vec::new();
        let mut encoder = png::Encoder::new(&mut picture, 2, 1);
        encoder.set_color(png::ColorType::Rgba);
        let bytes = [250, 0, 0, 255, 0, 0, 250, 255];
        encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
        let mut decoder = png::Decoder::new(Cursor::new(small(&picture).unwrap()));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut seen = [0; 6];
        reader.next_frame(&mut seen).unwrap();
        assert_eq!(seen, [250, 0, 0, 0, 0, 250]);
    }
}
