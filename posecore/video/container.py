"""Media files as FFmpeg opens them, and the formats that are written."""

import os
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

# Container and encoder by suffix.
FORMATS = {
    ".mp4": ("mp4", "libx264"),
    ".mov": ("mov", "libx264"),
    ".mkv": ("matroska", "libx264"),
    ".webm": ("webm", "libvpx-vp9"),
}
LIVE_FORMATS = FORMATS | {".ts": ("mpegts", "libx264")}  # of a record that is written while it goes on
LARGEST = {"libx264": 16384, "libvpx-vp9": 65535}  # pixels of a side that an encoder takes

# What may be opened: files that hold pictures or sound themselves. No list that names other files, none that goes on in
# other files (mlv), no text, no device.
# Names of FFmpeg's demuxers; those that end in _pipe are pictures, which are opened to say that they are.
DEMUXERS = (
    "3dostr,4xm,aac,ac3,aiff,amr,amv,anm,apng,apv,asf,asf_o,av1,avi,avs,avs2,avs3,bethsoftvid,bfi,bink,bmv,c93,caf,"
    "cavsvideo,cdg,cdxl,cine,dhav,dirac,dnxhd,dsicin,dv,dxa,ea,eac3,evc,ffm,film_cpk,filmstrip,flac,flic,flv,gdv,gif,gxf,"
    "h261,h263,h264,hevc,hnm,idcin,iff,ifv,ingenient,ipmovie,ipu,iss,iv8,ivf,ivr,jpegxl_anim,jv,kux,live_flv,lmlm4,"
    "luodat,lvf,lxf,m4v,matroska,mgsts,mjpeg,mjpeg_2000,mm,moflex,mov,mp3,mpeg,mpegts,mpegtsraw,mpegvideo,mpjpeg,"
    "msnwctcp,mtv,mv,mvi,mxf,mxg,nsv,nut,nuv,obu,ogg,paf,pdv,pmp,psxstr,pva,r3d,rl2,rm,roq,rpl,sdr2,ser,siff,smjpeg,smk,"
    "smush,swf,thp,tiertexseq,tmv,tta,ty,usm,vc1,vc1test,vivo,vmd,vvc,w64,wav,wc3movie,wsvqa,wtv,wv,xmv,yop,"
    "yuv4mpegpipe,ico,bmp_pipe,dds_pipe,dpx_pipe,exr_pipe,gem_pipe,gif_pipe,hdr_pipe,j2k_pipe,jpeg_pipe,jpegls_pipe,"
    "jpegxl_pipe,jpegxs_pipe,pam_pipe,pbm_pipe,pcx_pipe,pfm_pipe,pgm_pipe,pgmyuv_pipe,pgx_pipe,phm_pipe,photocd_pipe,"
    "pictor_pipe,png_pipe,ppm_pipe,psd_pipe,qdraw_pipe,qoi_pipe,sgi_pipe,sunrast_pipe,svg_pipe,tiff_pipe,vbn_pipe,"
    "webp_pipe,xbm_pipe,xpm_pipe,xwd_pipe"
)


def open_input(path: str | os.PathLike[str], forward: bool = False) -> InputContainer:
    """Open a local media file; nothing in it can make the library read another file or the network.

    forward: whether it is read from its beginning only, without a look at its end.

    Raises av.ArgumentError for what is none of DEMUXERS, other errors of FFmpeg for what it cannot read.
    """
    options = {"protocol_whitelist": "file", "format_whitelist": DEMUXERS} | ({"seekable": "0"} if forward else {})
    return av.open(f"file:{os.fspath(path)}", options=options, metadata_errors="replace")


def kinds(container: InputContainer) -> set[str]:
    """The names of a container's format, such as {"mov", "mp4", …}."""
    return set(container.format.name.split(","))


def error_text(error: Exception) -> str:
    """What went wrong, without PyAV's error number and call."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def start_time(container: InputContainer) -> Fraction:
    """When a file begins, in seconds of its own clock."""
    return Fraction(container.start_time or 0, av.time_base)


def output_format(path: str | os.PathLike[str], live: bool = False) -> tuple[str, str]:
    """The container and encoder that a suffix stands for; live: of LIVE_FORMATS.

    Raises ValueError for a suffix that stands for none.
    """
    suffix, known = Path(path).suffix.lower(), LIVE_FORMATS if live else FORMATS
    if suffix not in known:
        raise ValueError(f"{path}: cannot write '{suffix}' video; use one of {', '.join(known)}")
    return known[suffix]


def is_fragile(path: str | os.PathLike[str]) -> bool:
    """Whether nothing can be read of a record with this suffix before it is complete."""
    return output_format(path, live=True)[0] in ("mp4", "mov")


def check_size(
    output: str | os.PathLike[str], size: tuple[int, int], source: object = None, live: bool = False
) -> None:
    """Raise ValueError when pictures of (width, height) are larger than the encoder of an output takes.

    source: what has that size, for the message.
    """
    limit, (width, height) = LARGEST[output_format(output, live)[1]], size
    if max(size) > limit:
        cure = "write .webm, or JSON alone" if max(size) <= max(LARGEST.values()) else "write JSON alone"
        raise ValueError(
            f"{source or output}: {width} × {height} pixels cannot be written as {Path(output).suffix}, which takes "
            f"{limit} a side; {cure}"
        )


def muxer_options(container: str, any_metadata: bool = False, live: bool = False) -> dict[str, str]:
    """How a container is written.

    live: with all that was given to it in the file, second by second, so that a crash takes no more than that.

    Fast start: the index goes to the front of the file, so that a browser plays it before it has all of it.

    The times at which tracks start are kept to 1/90000 s instead of a millisecond.
    any_metadata: under any name, not only those that players of MP4 know, which then know fewer of them.
    """
    if live:
        return {"flush_packets": "1"} | ({"cluster_time_limit": "1000"} if container in ("matroska", "webm") else {})
    if container not in ("mp4", "mov"):
        return {}
    flags = "faststart+use_metadata_tags" if any_metadata else "faststart"
    return {"movflags": flags, "movie_timescale": "90000"}
