# The program alone, in an image without anything else:
#
#   docker build -t watertight .
#   docker run --rm -v "$PWD:/work:ro" watertight prove -f k8s/ --from staging --to production

# On Alpine, Rust links statically, for the machine that builds.
FROM rust:1.95-alpine AS build
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo install --locked --profile dist --path crates/cli --root /out

FROM scratch
COPY --from=build /out/bin/watertight /usr/local/bin/watertight
COPY LICENSE /LICENSE
# Nobody in particular: it reads what it is given, and writes nothing.
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/usr/local/bin/watertight"]
